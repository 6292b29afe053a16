// cuSOLVER's routines by dtype, as the stand-in has them: lapack.h's over the simulated device's memory, with a look at every address
// before, and rubbish left where the real ones promise nothing.
#ifndef SIMCUDA_SOLVER_H
#define SIMCUDA_SOLVER_H

#include <cstdint>
#include <cstring>

#include <set>

#include "lapack.h"
#include "library.h"

namespace {

using lapack::Matrix;
using lapack::Number;
using lapack::Table;
using lapack::Wide;

enum { SUCCESS = 0, NOT_INITIALIZED = 1, INVALID_VALUE = 3, EXECUTION_FAILED = 6, NOT_SUPPORTED = 9 };
enum Type { F32 = 0, F64 = 1, C32 = 4, C64 = 5 };

struct Handle {
    void *stream;
};

// What Jacobi's method is told; kept and not used, but for the order of singular values.
struct Ways {
    double tolerance = 0;
    int sweeps = 100, sorted = 1;
};

std::set<Handle *> &handles() {
    static auto *all = new std::set<Handle *>;
    return *all;
}

template <class T> bool lies(const T *p, size_t count, const char *what) {
    return !count || sim_check((unsigned long long)p, count * sizeof(T), what);
}

template <class S> bool matrix(const S *a, int64_t rows, int64_t columns, int64_t lead, const char *what, int64_t batch = 1, int64_t apart = 0) {
    return rows <= 0 || columns <= 0 || batch <= 0 || lies(a, (batch - 1) * apart + (columns - 1) * lead + rows, what);
}

// Memory for work, as much as was asked for.
template <class S> bool work(S *room, int have, int need, const char *what) {
    if (have < need || !lies(room, need, what)) return false;
    memset((void *)room, 0xee, need * sizeof(S));
    return true;
}

template <class W> int run(void *handle, bool valid, W body) {
    Handle *h = (Handle *)handle;
    if (!handles().count(h)) return NOT_INITIALIZED;
    if (!valid) return INVALID_VALUE;
    if (sim_enter()) return EXECUTION_FAILED;
    bool fine = !sim_check_stream(h->stream) && body();
    sim_leave();
    return fine ? SUCCESS : EXECUTION_FAILED;
}

int64_t most(int64_t x, int64_t y) { return x > y ? x : y; }

const char *const INFO = "cusolver, info";

// ---- by dtype -------------------------------------------------------------------------------------------------------

template <class S> struct Dense {
    typedef typename Number<S>::Real F;

    static int need(int64_t m, int64_t n) { return (int)most(1, m + n); }

    static int getrf(void *h, int m, int n, S *a, int lda, S *room, int *pivots, int *info) {
        return run(h, m >= 0 && n >= 0 && lda >= most(1, m), [&] {
            int k = m < n ? m : n;
            if (!matrix(a, m, n, lda, "getrf, A") || !work(room, need(m, n), need(m, n), "getrf, work") || !lies(info, 1, INFO) ||
                (pivots && !lies(pivots, k, "getrf, pivots")))
                return false;
            *info = lapack::lu(Matrix<S>(a, lda), m, n, pivots);
            return true;
        });
    }

    static int getrs(void *h, int op, int n, int k, const S *a, int lda, const int *pivots, S *b, int ldb, int *info) {
        return run(h, n >= 0 && k >= 0 && lda >= most(1, n) && ldb >= most(1, n) && op >= 0 && op <= 2, [&] {
            if (!matrix(a, n, n, lda, "getrs, A") || !matrix(b, n, k, ldb, "getrs, B") || !lies(info, 1, INFO) ||
                (pivots && !lies(pivots, n, "getrs, pivots")))
                return false;
            lapack::lu_solve(Matrix<S>((S *)a, lda), n, pivots, op, Matrix<S>(b, ldb), k);
            *info = 0;
            return true;
        });
    }

    static bool potrf_one(bool upper, int64_t n, S *a, int64_t lda, int *info) {
        if (!matrix(a, n, n, lda, "potrf, A")) return false;
        *info = lapack::cholesky(Matrix<S>(a, lda), (int)n, upper);
        return true;
    }

    static int potrf_batched(void *h, int uplo, int n, S **a, int lda, int *info, int batch) {
        return run(h, n > 0 && batch > 0 && lda >= most(1, n), [&] {
            if (!lies(a, batch, "potrfBatched, A") || !lies(info, batch, INFO)) return false;
            for (int i = 0; i < batch; i++)
                if (!potrf_one(uplo == 1, n, a[i], lda, info + i)) return false;
            return true;
        });
    }

    static bool potrs_one(bool upper, int64_t n, int64_t k, const S *a, int64_t lda, S *b, int64_t ldb) {
        if (!matrix(a, n, n, lda, "potrs, A") || !matrix(b, n, k, ldb, "potrs, B")) return false;
        lapack::cholesky_solve(Matrix<S>((S *)a, lda), (int)n, upper, Matrix<S>(b, ldb), (int)k);
        return true;
    }

    static int potrs_batched(void *h, int uplo, int n, int k, S **a, int lda, S **b, int ldb, int *info, int batch) {
        return run(h, n >= 0 && k == 1 && batch >= 0 && lda >= most(1, n) && ldb >= most(1, n), [&] {
            if (!lies(a, batch, "potrsBatched, A") || !lies(b, batch, "potrsBatched, B") || !lies(info, 1, INFO)) return false;
            for (int i = 0; i < batch; i++)
                if (!potrs_one(uplo == 1, n, k, a[i], lda, b[i], ldb)) return false;
            *info = 0;
            return true;
        });
    }

    static int orgqr(void *h, int m, int n, int k, S *a, int lda, const S *tau, S *room, int have, int *info) {
        return run(h, n >= 0 && m >= n && k >= 0 && n >= k && lda >= most(1, m), [&] {
            if (!matrix(a, m, n, lda, "orgqr, A") || !lies(tau, k, "orgqr, tau") || !work(room, have, need(m, n), "orgqr, work") ||
                !lies(info, 1, INFO))
                return false;
            *info = 0;
            // As the real one.
            if (k > 0) lapack::product(Matrix<S>(a, lda), m, n, k, tau);
            return true;
        });
    }

    static int ormqr(void *h, int side, int op, int m, int n, int k, const S *a, int lda, const S *tau, S *c, int ldc, S *room, int have,
                     int *info) {
        int order = side ? n : m;
        bool adjoint = op == (Number<S>::complex ? 2 : 1);
        return run(h, m >= 0 && n >= 0 && k >= 0 && k <= order && lda >= most(1, order) && ldc >= most(1, m) && (!op || adjoint), [&] {
            if (!matrix(a, order, k, lda, "ormqr, A") || !lies(tau, k, "ormqr, tau") || !matrix(c, m, n, ldc, "ormqr, C") ||
                !work(room, have, need(m, n), "ormqr, work") || !lies(info, 1, INFO))
                return false;
            lapack::apply(Matrix<S>((S *)a, lda), k, tau, side == 0, op, Matrix<S>(c, ldc), m, n);
            *info = 0;
            return true;
        });
    }

    static int sytrf(void *h, int uplo, int n, S *a, int lda, int *pivots, S *room, int have, int *info) {
        if (uplo == 1) return NOT_SUPPORTED;
        return run(h, n >= 0 && lda >= most(1, n), [&] {
            if (!matrix(a, n, n, lda, "sytrf, A") || !lies(pivots, n, "sytrf, pivots") || !work(room, have, need(n, n), "sytrf, work") ||
                !lies(info, 1, INFO))
                return false;
            *info = lapack::ldl(Matrix<S>(a, lda), n, pivots);
            return true;
        });
    }

    // Values and vectors; a matrix that is not finite has none.
    static int eigh_one(bool vectors, bool upper, int n, S *a, int64_t lda, F *w) {
        Table x(n, std::vector<Wide>(n));
        bool fine = true;
        for (int j = 0; j < n; j++)
            for (int i = j; i < n; i++) {
                S z = upper ? Number<S>::conj(a[j + i * lda]) : a[i + j * lda];
                fine = fine && lapack::finite(z);
                x[j][i] = i == j ? Wide(std::real(z)) : Wide(z);
                x[i][j] = std::conj(x[j][i]);
            }
        std::vector<long double> values(n, std::numeric_limits<long double>::quiet_NaN());
        if (fine) values = lapack::hermitian(x);
        for (int j = 0; j < n; j++) {
            w[j] = (F)values[j];
            for (int i = 0; i < n; i++) a[i + j * lda] = !vectors ? S(77) : fine ? Number<S>::make(x[j][i]) : S(w[j]);
        }
        return 0;
    }

    static bool eigh_all(bool vectors, bool upper, int64_t n, S *a, int64_t lda, F *w, int *info, int64_t batch) {
        if (!matrix(a, n, n, lda, "syev, A", batch, lda * n) || !lies(w, n * batch, "syev, W") || !lies(info, batch, INFO)) return false;
        for (int64_t i = 0; i < batch; i++) info[i] = eigh_one(vectors, upper, (int)n, a + i * lda * n, lda, w + i * n);
        return true;
    }

    static int syevj(void *h, int jobz, int uplo, int n, S *a, int lda, F *w, S *room, int have, int *info, Ways *ways) {
        return run(h, n >= 0 && lda >= most(1, n) && ways, [&] {
            return work(room, have, need(n, n), "syevj, work") && eigh_all(jobz, uplo == 1, n, a, lda, w, info, 1);
        });
    }

    // Of a matrix of any sizes: u has `of_u` columns, v `of_v`; a nan makes it fail, and an infinity makes all nan where `through` says so.
    static bool svd_one(int m, int n, const S *a, int64_t lda, F *s, Table &u, Table &v, int of_u, int of_v, bool through) {
        bool wide = m < n, fine = true, nan = false;
        int rows = wide ? n : m, columns = wide ? m : n;
        Table x(columns, std::vector<Wide>(rows));
        for (int j = 0; j < n; j++)
            for (int i = 0; i < m; i++) {
                S z = a[i + j * lda];
                fine = fine && lapack::finite(z);
                nan = nan || lapack::none(z);
                if (wide) x[i][j] = std::conj(Wide(z));
                else x[j][i] = z;
            }
        if (!fine) {
            const long double none = std::numeric_limits<long double>::quiet_NaN();
            for (int i = 0; i < columns; i++) s[i] = (F)none;
            u.assign(of_u, std::vector<Wide>(m, Wide(none)));
            v.assign(of_v, std::vector<Wide>(n, Wide(none)));
            return through && !nan;
        }
        Table left, right;
        auto values = lapack::singular(x, rows, left, right, wide ? of_v : of_u);
        for (int i = 0; i < columns; i++) s[i] = (F)values[i];
        u = wide ? right : left;
        v = wide ? left : right;
        return true;
    }

    static void put(const Table &x, int columns, S *to, int64_t lead) {
        for (int j = 0; j < columns && j < (int)x.size(); j++)
            for (size_t i = 0; i < x[j].size(); i++) to[i + j * lead] = Number<S>::make(x[j][i]);
    }

    static void rubbish(S *a, int m, int n, int64_t lda) {
        for (int j = 0; j < n; j++)
            for (int i = 0; i < m; i++) a[i + j * lda] = S(77);
    }

    static int gesvdj(void *h, int jobz, int thin, int m, int n, S *a, int lda, F *s, S *u, int ldu, S *v, int ldv, S *room,
                      int have, int *info, Ways *ways, int batch) {
        int k = m < n ? m : n, of_u = thin ? k : m, of_v = thin ? k : n;
        bool valid = m >= 0 && n >= 0 && lda >= most(1, m) && ldu >= most(1, m) && ldv >= most(1, n) && ways && batch >= 0;
        return run(h, valid, [&] {
            int64_t at_a = (int64_t)lda * n, at_u = (int64_t)ldu * of_u, at_v = (int64_t)ldv * of_v;
            if (!matrix(a, m, n, lda, "gesvdj, A", batch, at_a) || !lies(s, (size_t)k * batch, "gesvdj, S") ||
                !matrix(u, m, of_u, ldu, "gesvdj, U", batch, at_u) || !matrix(v, n, of_v, ldv, "gesvdj, V", batch, at_v) ||
                !work(room, have, need(m, n), "gesvdj, work") || !lies(info, batch, INFO))
                return false;
            for (int i = 0; i < batch; i++) {
                Table left, right;
                bool fine = svd_one(m, n, a + i * at_a, lda, s + i * k, left, right, of_u, of_v, false);
                info[i] = fine ? 0 : k + 1;
                rubbish(a + i * at_a, m, n, lda);
                if (jobz) put(left, of_u, u + i * at_u, ldu), put(right, of_v, v + i * at_v, ldv);
                else rubbish(u + i * at_u, m, of_u, ldu), rubbish(v + i * at_v, n, of_v, ldv);
            }
            return true;
        });
    }

    static int gesvd(void *h, int job_u, int job_v, int m, int n, S *a, int lda, F *s, S *u, int ldu, S *vt, int ldvt, S *room, int have,
                     F *rest, int *info) {
        // As the real one: tall matrices.
        if (m < n || job_u != job_v) return NOT_SUPPORTED;
        bool wanted = job_u != 'N';
        int of_u = job_u == 'A' ? m : n;
        return run(h, n >= 0 && lda >= most(1, m) && (!wanted || (ldu >= most(1, m) && ldvt >= most(1, n))), [&] {
            if (!matrix(a, m, n, lda, "gesvd, A") || !lies(s, n, "gesvd, S") || (wanted && !matrix(u, m, of_u, ldu, "gesvd, U")) ||
                (wanted && !matrix(vt, n, n, ldvt, "gesvd, VT")) || !work(room, have, need(m, n), "gesvd, work") || !lies(info, 1, INFO) ||
                (n > 1 && !lies(rest, n - 1, "gesvd, rwork")))
                return false;
            Table left, right;
            bool fine = svd_one(m, n, a, lda, s, left, right, of_u, n, true);
            *info = fine ? 0 : 1;
            rubbish(a, m, n, lda);
            if (!wanted) return true;
            put(left, of_u, u, ldu);
            for (int j = 0; j < n; j++)
                for (int i = 0; i < n; i++) vt[j + (int64_t)i * ldvt] = Number<S>::make(std::conj(right[j][i]));
            return true;
        });
    }

    static int gesvda(void *h, int jobz, int rank, int m, int n, const S *a, int lda, long long at_a, F *s, long long at_s, S *u, int ldu,
                      long long at_u, S *v, int ldv, long long at_v, S *room, int have, int *info, int batch) {
        // As the real one: tall matrices.
        if (m < n || rank > n) return NOT_SUPPORTED;
        return run(h, lda >= most(1, m) && ldu >= most(1, m) && ldv >= most(1, n) && batch >= 0, [&] {
            if (!matrix(a, m, n, lda, "gesvda, A", batch, at_a) || !lies(s, (batch - 1) * at_s + rank, "gesvda, S") ||
                !matrix(u, m, rank, ldu, "gesvda, U", batch, at_u) || !matrix(v, n, rank, ldv, "gesvda, V", batch, at_v) ||
                !work(room, have, need(m, n), "gesvda, work") || !lies(info, batch, INFO))
                return false;
            for (int i = 0; i < batch; i++) {
                Table left, right;
                bool fine = svd_one(m, n, a + i * at_a, lda, s + i * at_s, left, right, rank, rank, false);
                info[i] = fine ? 0 : n + 1;
                if (jobz) put(left, rank, u + i * at_u, ldu), put(right, rank, v + i * at_v, ldv);
            }
            return true;
        });
    }

    // Values are complex; a real matrix's vectors stand in real columns, two for a pair.
    static bool geev_one(bool vectors, int n, S *a, int64_t lda, std::complex<F> *w, S *v, int64_t ldv, int *info) {
        Table x(n, std::vector<Wide>(n)), all;
        std::vector<Wide> values;
        for (int j = 0; j < n; j++)
            for (int i = 0; i < n; i++) x[j][i] = Wide(a[i + j * lda]);
        *info = lapack::general(x, values, all) ? 0 : 1;
        rubbish(a, n, n, lda);
        if (*info) return true;
        std::vector<bool> done(n);
        long double scale = 0;
        for (Wide z : values) scale = std::max(scale, std::abs(z));
        for (int k = 0, to = 0; k < n; k++) {
            if (done[k]) continue;
            bool pair = !Number<S>::complex && std::abs(values[k].imag()) > 1e-9L * scale;
            if (pair) {
                int other = -1;
                for (int j = k + 1; j < n; j++)
                    if (!done[j] && (other < 0 || std::abs(values[j] - std::conj(values[k])) < std::abs(values[other] - std::conj(values[k]))))
                        other = j;
                if (other < 0) return *info = 1, true;
                done[other] = true;
                bool up = values[k].imag() > 0;
                Wide value = up ? values[k] : std::conj(values[k]);
                w[to] = Number<std::complex<F>>::make(value), w[to + 1] = std::conj(w[to]);
                for (int i = 0; vectors && i < n; i++) {
                    v[i + to * ldv] = S((F)all[k][i].real());
                    v[i + (to + 1) * ldv] = S((F)(up ? all[k][i].imag() : -all[k][i].imag()));
                }
                to += 2;
                continue;
            }
            Wide value = Number<S>::complex ? values[k] : Wide(values[k].real());
            w[to] = Number<std::complex<F>>::make(value);
            for (int i = 0; vectors && i < n; i++) v[i + to * ldv] = Number<S>::make(all[k][i]);
            to++;
        }
        return true;
    }
};

} // namespace

#endif
