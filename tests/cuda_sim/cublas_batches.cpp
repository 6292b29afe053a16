// The routines of cuBLAS that go on from BLAS: triangles, and factorizations of many small matrices, given by addresses.
#include "lapack.h"
#include "library.h"

int cublas_begin(void *handle);

namespace {

using lapack::Matrix;

enum { SUCCESS = 0, INVALID_VALUE = 7, EXECUTION_FAILED = 13, NOT_SUPPORTED = 15 };

template <class T> bool lies(const T *p, size_t count, const char *what) {
    return !count || sim_check((unsigned long long)p, count * sizeof(T), what);
}

// Matrices of a batch, each of them looked at.
template <class S> bool all(S *const *array, int batch, int lead, int rows, int columns, const char *what) {
    if (!lies(array, batch, what)) return false;
    for (int i = 0; i < batch; i++)
        if (rows && columns && !lies(array[i], (size_t)(columns - 1) * lead + rows, what)) return false;
    return true;
}

// Runs `work` under the driver's lock; it says whether all memory was there.
template <class W> int run(void *handle, bool valid, W work) {
    int status = cublas_begin(handle);
    if (status != SUCCESS) return status;
    bool fine = valid && work();
    sim_leave();
    return !valid ? INVALID_VALUE : fine ? SUCCESS : EXECUTION_FAILED;
}

int most(int x, int y) { return x > y ? x : y; }

// Sides, triangles, operations and diagonals as cuBLAS counts them: left 0, lower 0, N T C, not unit 0.
template <class S>
int trsm(void *handle, int side, int uplo, int op, int diagonal, int m, int n, const S *alpha, const S *const *a, int lda, S *const *b,
         int ldb, int batch, bool addresses) {
    int order = side ? n : m;
    bool valid = m >= 0 && n >= 0 && batch >= 0 && lda >= most(1, order) && ldb >= most(1, m) && op >= 0 && op <= 2 && uplo >= 0 &&
                 uplo <= 1 && alpha;
    return run(handle, valid, [&] {
        if (!m || !n || !batch) return true;
        if (addresses && (!lies(a, batch, "trsm, A") || !lies(b, batch, "trsm, B"))) return false;
        for (int i = 0; i < batch; i++) {
            if (!lies(a[i], (size_t)(order - 1) * lda + order, "trsm, A") || !lies(b[i], (size_t)(n - 1) * ldb + m, "trsm, B"))
                return false;
            Matrix<S> x(b[i], ldb);
            for (int j = 0; j < n; j++)
                for (int r = 0; r < m; r++) x.set(r, j, *alpha * x.get(r, j));
            lapack::triangle(Matrix<S>((S *)a[i], lda), op, side == 0, uplo == 1, diagonal == 1, x, m, n);
        }
        return true;
    });
}

template <class S> int getrf(void *handle, int n, S *const *a, int lda, int *pivots, int *info, int batch) {
    return run(handle, n >= 0 && batch >= 0 && lda >= most(1, n), [&] {
        bool fine = all(a, batch, lda, n, n, "getrf, A") && lies(info, batch, "getrf, info") &&
                    (!pivots || lies(pivots, (size_t)n * batch, "getrf, P"));
        for (int i = 0; fine && i < batch; i++)
            info[i] = lapack::lu(Matrix<S>(a[i], lda), n, n, pivots ? pivots + (size_t)i * n : nullptr);
        return fine;
    });
}

template <class S>
int getrs(void *handle, int op, int n, int k, const S *const *a, int lda, const int *pivots, S *const *b, int ldb, int *info, int batch) {
    bool valid = n >= 0 && k >= 0 && batch >= 0 && lda >= most(1, n) && ldb >= most(1, n) && op >= 0 && op <= 2 && info;
    return run(handle, valid, [&] {
        *info = 0;
        bool fine = all((S *const *)a, batch, lda, n, n, "getrs, A") && all(b, batch, ldb, n, k, "getrs, B") &&
                    (!pivots || lies(pivots, (size_t)n * batch, "getrs, P"));
        for (int i = 0; fine && i < batch; i++)
            lapack::lu_solve(Matrix<S>((S *)a[i], lda), n, pivots ? pivots + (size_t)i * n : nullptr, op, Matrix<S>(b[i], ldb), k);
        return fine;
    });
}

template <class S> int geqrf(void *handle, int m, int n, S *const *a, int lda, S *const *tau, int *info, int batch) {
    return run(handle, m >= 0 && n >= 0 && batch >= 0 && lda >= most(1, m) && info, [&] {
        int k = m < n ? m : n;
        *info = 0;
        bool fine = all(a, batch, lda, m, n, "geqrf, A") && all(tau, batch, most(1, k), k, 1, "geqrf, tau");
        for (int i = 0; fine && i < batch; i++) lapack::qr(Matrix<S>(a[i], lda), m, n, tau[i]);
        return fine;
    });
}

template <class S>
int gels(void *handle, int op, int m, int n, int k, S *const *a, int lda, S *const *b, int ldb, int *info, int *infos, int batch) {
    // As the real one: tall matrices, as they are.
    if (op || m < n) return NOT_SUPPORTED;
    return run(handle, n >= 0 && k >= 0 && batch >= 0 && lda >= most(1, m) && ldb >= most(1, m) && info, [&] {
        *info = 0;
        bool fine = all(a, batch, lda, m, n, "gels, A") && all(b, batch, ldb, m, k, "gels, B") && (!infos || lies(infos, batch, "gels, info"));
        for (int i = 0; fine && i < batch; i++) {
            std::vector<S> tau(n);
            Matrix<S> x(a[i], lda), c(b[i], ldb);
            lapack::qr(x, m, n, tau.data());
            int bad = 0;
            for (int j = n - 1; j >= 0; j--)
                if (x.get(j, j) == S(0)) bad = j + 1;
            if (infos) infos[i] = bad;
            if (bad) continue;
            lapack::apply(x, n, tau.data(), true, 2, c, m, k);
            lapack::triangle(x, 0, true, true, false, c, n, k);
        }
        return fine;
    });
}

} // namespace

#define ROUTINES(letter, S)                                                                                             \
    int cublas##letter##trsm_v2(void *h, int side, int uplo, int op, int diagonal, int m, int n, const S *alpha, const S *a, int lda,  \
                                S *b, int ldb) {                                                                        \
        return trsm<S>(h, side, uplo, op, diagonal, m, n, alpha, &a, lda, &b, ldb, 1, false);                           \
    }                                                                                                                   \
    int cublas##letter##trsmBatched(void *h, int side, int uplo, int op, int diagonal, int m, int n, const S *alpha,    \
                                    const S *const *a, int lda, S *const *b, int ldb, int batch) {                      \
        return trsm<S>(h, side, uplo, op, diagonal, m, n, alpha, a, lda, b, ldb, batch, true);                          \
    }                                                                                                                   \
    int cublas##letter##getrfBatched(void *h, int n, S *const *a, int lda, int *pivots, int *info, int batch) {         \
        return getrf<S>(h, n, a, lda, pivots, info, batch);                                                             \
    }                                                                                                                   \
    int cublas##letter##getrsBatched(void *h, int op, int n, int k, const S *const *a, int lda, const int *pivots,      \
                                     S *const *b, int ldb, int *info, int batch) {                                      \
        return getrs<S>(h, op, n, k, a, lda, pivots, b, ldb, info, batch);                                              \
    }                                                                                                                   \
    int cublas##letter##geqrfBatched(void *h, int m, int n, S *const *a, int lda, S *const *tau, int *info, int batch) {\
        return geqrf<S>(h, m, n, a, lda, tau, info, batch);                                                             \
    }                                                                                                                   \
    int cublas##letter##gelsBatched(void *h, int op, int m, int n, int k, S *const *a, int lda, S *const *b, int ldb,   \
                                    int *info, int *infos, int batch) {                                                 \
        return gels<S>(h, op, m, n, k, a, lda, b, ldb, info, infos, batch);                                             \
    }

extern "C" {
ROUTINES(S, float)
ROUTINES(D, double)
ROUTINES(C, std::complex<float>)
ROUTINES(Z, std::complex<double>)
}
