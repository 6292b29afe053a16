// A stand-in for cuSOLVER's dense routines: those of lapack.h over the simulated device's memory. As cublas.cpp it lies next to
// libcuda.so and uses a few of its functions. Stricter than the real one: it fills the memory for its work, the host's too, with
// rubbish, and leaves rubbish where the real one promises nothing.
#include "solver.h"

namespace {

// Calls `body` with a number of the type that is told.
template <class B> int by_type(int type, B body) {
    switch (type) {
    case F32: return body(float());
    case F64: return body(double());
    case C32: return body(std::complex<float>());
    case C64: return body(std::complex<double>());
    default: return NOT_SUPPORTED;
    }
}

int real_of(int type) { return type & 3; }
int complex_of(int type) { return 4 | type; }

// What functions of 64 bits ask for.
struct Rooms {
    size_t device, host;
};
Rooms rooms(int64_t m, int64_t n) { return {(size_t)(64 + 8 * (m + n)), (size_t)(16 + 4 * n)}; }

int ask(void *handle, bool valid, int64_t m, int64_t n, size_t *device, size_t *host) {
    if (!handles().count((Handle *)handle)) return NOT_INITIALIZED;
    if (!valid || !device || !host) return INVALID_VALUE;
    *device = rooms(m, n).device, *host = rooms(m, n).host;
    return SUCCESS;
}

bool given(int64_t m, int64_t n, void *device, size_t device_bytes, void *host, size_t host_bytes) {
    Rooms need = rooms(m, n);
    if (device_bytes < need.device || host_bytes < need.host || !host || !lies((char *)device, need.device, "cusolver, work")) return false;
    memset(device, 0xee, need.device);
    memset(host, 0xee, need.host);
    return true;
}

} // namespace

extern "C" {

int cusolverGetVersion(int *version) {
    *version = 12000;
    return SUCCESS;
}

int cusolverDnCreate(Handle **h) {
    // As with the real one, a context must be there.
    if (sim_enter()) return NOT_INITIALIZED;
    *h = new Handle{nullptr};
    handles().insert(*h);
    sim_leave();
    return SUCCESS;
}

int cusolverDnDestroy(Handle *h) {
    if (!handles().erase(h)) return NOT_INITIALIZED;
    delete h;
    return SUCCESS;
}

int cusolverDnSetStream(Handle *h, void *stream) {
    if (!handles().count(h)) return NOT_INITIALIZED;
    h->stream = stream;
    return SUCCESS;
}

int cusolverDnCreateParams(void **params) {
    *params = new int(0);
    return SUCCESS;
}

int cusolverDnDestroyParams(void *params) {
    delete (int *)params;
    return SUCCESS;
}

#define WAYS(name)                                                                                                      \
    int cusolverDnCreate##name(Ways **ways) {                                                                           \
        *ways = new Ways;                                                                                               \
        return SUCCESS;                                                                                                 \
    }                                                                                                                   \
    int cusolverDnDestroy##name(Ways *ways) {                                                                           \
        delete ways;                                                                                                    \
        return SUCCESS;                                                                                                 \
    }
WAYS(SyevjInfo)
WAYS(GesvdjInfo)

int cusolverDnXgesvdjSetTolerance(Ways *ways, double tolerance) { return ways->tolerance = tolerance, SUCCESS; }
int cusolverDnXgesvdjSetMaxSweeps(Ways *ways, int sweeps) { return ways->sweeps = sweeps, SUCCESS; }
int cusolverDnXgesvdjSetSortEig(Ways *ways, int sorted) { return ways->sorted = sorted, SUCCESS; }

#define ROUTINES(letter, S, F, sy, un)                                                                                  \
    int cusolverDn##letter##getrf_bufferSize(void *, int m, int n, S *, int, int *size) {                               \
        return *size = Dense<S>::need(m, n), SUCCESS;                                                                   \
    }                                                                                                                   \
    int cusolverDn##letter##getrf(void *h, int m, int n, S *a, int lda, S *room, int *pivots, int *info) {              \
        return Dense<S>::getrf(h, m, n, a, lda, room, pivots, info);                                                    \
    }                                                                                                                   \
    int cusolverDn##letter##getrs(void *h, int op, int n, int k, const S *a, int lda, const int *pivots, S *b, int ldb, int *info) {  \
        return Dense<S>::getrs(h, op, n, k, a, lda, pivots, b, ldb, info);                                              \
    }                                                                                                                   \
    int cusolverDn##letter##potrfBatched(void *h, int uplo, int n, S **a, int lda, int *info, int batch) {              \
        return Dense<S>::potrf_batched(h, uplo, n, a, lda, info, batch);                                                \
    }                                                                                                                   \
    int cusolverDn##letter##potrsBatched(void *h, int uplo, int n, int k, S **a, int lda, S **b, int ldb, int *info, int batch) {     \
        return Dense<S>::potrs_batched(h, uplo, n, k, a, lda, b, ldb, info, batch);                                     \
    }                                                                                                                   \
    int cusolverDn##letter##un##gqr_bufferSize(void *, int m, int n, int, const S *, int, const S *, int *size) {       \
        return *size = Dense<S>::need(m, n), SUCCESS;                                                                   \
    }                                                                                                                   \
    int cusolverDn##letter##un##gqr(void *h, int m, int n, int k, S *a, int lda, const S *tau, S *room, int have, int *info) {        \
        return Dense<S>::orgqr(h, m, n, k, a, lda, tau, room, have, info);                                              \
    }                                                                                                                   \
    int cusolverDn##letter##un##mqr_bufferSize(void *, int, int, int m, int n, int, const S *, int, const S *, const S *, int,        \
                                               int *size) {                                                             \
        return *size = Dense<S>::need(m, n), SUCCESS;                                                                   \
    }                                                                                                                   \
    int cusolverDn##letter##un##mqr(void *h, int side, int op, int m, int n, int k, const S *a, int lda, const S *tau, S *c, int ldc, \
                                    S *room, int have, int *info) {                                                     \
        return Dense<S>::ormqr(h, side, op, m, n, k, a, lda, tau, c, ldc, room, have, info);                            \
    }                                                                                                                   \
    int cusolverDn##letter##sytrf_bufferSize(void *, int n, S *, int, int *size) {                                      \
        return *size = Dense<S>::need(n, n), SUCCESS;                                                                   \
    }                                                                                                                   \
    int cusolverDn##letter##sytrf(void *h, int uplo, int n, S *a, int lda, int *pivots, S *room, int have, int *info) { \
        return Dense<S>::sytrf(h, uplo, n, a, lda, pivots, room, have, info);                                           \
    }                                                                                                                   \
    int cusolverDn##letter##sy##evj_bufferSize(void *, int, int, int n, const S *, int, const F *, int *size, Ways *) { \
        return *size = Dense<S>::need(n, n), SUCCESS;                                                                   \
    }                                                                                                                   \
    int cusolverDn##letter##sy##evj(void *h, int jobz, int uplo, int n, S *a, int lda, F *w, S *room, int have, int *info, Ways *ways) {    \
        return Dense<S>::syevj(h, jobz, uplo, n, a, lda, w, room, have, info, ways);                                    \
    }                                                                                                                   \
    int cusolverDn##letter##gesvdj_bufferSize(void *, int, int, int m, int n, const S *, int, const F *, const S *, int, const S *, int,  \
                                              int *size, Ways *) {                                                      \
        return *size = Dense<S>::need(m, n), SUCCESS;                                                                   \
    }                                                                                                                   \
    int cusolverDn##letter##gesvdj(void *h, int jobz, int thin, int m, int n, S *a, int lda, F *s, S *u, int ldu, S *v, int ldv, S *room, \
                                   int have, int *info, Ways *ways) {                                                   \
        return Dense<S>::gesvdj(h, jobz, thin, m, n, a, lda, s, u, ldu, v, ldv, room, have, info, ways, 1);             \
    }                                                                                                                   \
    int cusolverDn##letter##gesvdjBatched_bufferSize(void *, int, int m, int n, const S *, int, const F *, const S *, int, const S *, int, \
                                                     int *size, Ways *, int) {                                          \
        return *size = Dense<S>::need(m, n), SUCCESS;                                                                   \
    }                                                                                                                   \
    int cusolverDn##letter##gesvdjBatched(void *h, int jobz, int m, int n, S *a, int lda, F *s, S *u, int ldu, S *v, int ldv, S *room,    \
                                          int have, int *info, Ways *ways, int batch) {                                 \
        if (m > 32 || n > 32) return NOT_SUPPORTED;                                                                     \
        return Dense<S>::gesvdj(h, jobz, 0, m, n, a, lda, s, u, ldu, v, ldv, room, have, info, ways, batch);            \
    }                                                                                                                   \
    int cusolverDn##letter##gesvd_bufferSize(void *, int m, int n, int *size) {                                         \
        return *size = Dense<S>::need(m, n), SUCCESS;                                                                   \
    }                                                                                                                   \
    int cusolverDn##letter##gesvd(void *h, signed char job_u, signed char job_v, int m, int n, S *a, int lda, F *s, S *u, int ldu,        \
                                  S *vt, int ldvt, S *room, int have, F *rest, int *info) {                             \
        return Dense<S>::gesvd(h, job_u, job_v, m, n, a, lda, s, u, ldu, vt, ldvt, room, have, rest, info);             \
    }                                                                                                                   \
    int cusolverDn##letter##gesvdaStridedBatched_bufferSize(void *, int, int, int m, int n, const S *, int, long long, const F *,         \
                                                            long long, const S *, int, long long, const S *, int, long long,              \
                                                            int *size, int) {                                           \
        return *size = Dense<S>::need(m, n), SUCCESS;                                                                   \
    }                                                                                                                   \
    int cusolverDn##letter##gesvdaStridedBatched(void *h, int jobz, int rank, int m, int n, const S *a, int lda, long long at_a, F *s,    \
                                                 long long at_s, S *u, int ldu, long long at_u, S *v, int ldv, long long at_v, S *room,   \
                                                 int have, int *info, double *, int batch) {                            \
        return Dense<S>::gesvda(h, jobz, rank, m, n, a, lda, at_a, s, at_s, u, ldu, at_u, v, ldv, at_v, room, have, info, batch);         \
    }
ROUTINES(S, float, float, sy, or)
ROUTINES(D, double, double, sy, or)
ROUTINES(C, std::complex<float>, float, he, un)
ROUTINES(Z, std::complex<double>, double, he, un)

int cusolverDnXpotrf_bufferSize(void *h, void *, int, int64_t n, int type, const void *, int64_t lda, int by, size_t *device, size_t *host) {
    return ask(h, n >= 0 && lda >= most(1, n) && type == by, n, n, device, host);
}

int cusolverDnXpotrf(void *h, void *, int uplo, int64_t n, int type, void *a, int64_t lda, int by, void *device, size_t device_bytes,
                     void *host, size_t host_bytes, int *info) {
    return by_type(type, [&](auto one) {
        typedef decltype(one) S;
        return run(h, n >= 0 && lda >= most(1, n) && type == by, [&] {
            return given(n, n, device, device_bytes, host, host_bytes) && lies(info, 1, INFO) &&
                   Dense<S>::potrf_one(uplo == 1, n, (S *)a, lda, info);
        });
    });
}

int cusolverDnXpotrs(void *h, void *, int uplo, int64_t n, int64_t k, int type, const void *a, int64_t lda, int type_b, void *b, int64_t ldb,
                     int *info) {
    return by_type(type, [&](auto one) {
        typedef decltype(one) S;
        return run(h, n >= 0 && k >= 0 && lda >= most(1, n) && ldb >= most(1, n) && type == type_b, [&] {
            if (!lies(info, 1, INFO)) return false;
            *info = 0;
            return Dense<S>::potrs_one(uplo == 1, n, k, (const S *)a, lda, (S *)b, ldb);
        });
    });
}

int cusolverDnXgeqrf_bufferSize(void *h, void *, int64_t m, int64_t n, int type, const void *, int64_t lda, int type_tau, const void *, int by,
                                size_t *device, size_t *host) {
    return ask(h, m >= 0 && n >= 0 && lda >= most(1, m) && type == type_tau && type == by, m, n, device, host);
}

int cusolverDnXgeqrf(void *h, void *, int64_t m, int64_t n, int type, void *a, int64_t lda, int type_tau, void *tau, int by, void *device,
                     size_t device_bytes, void *host, size_t host_bytes, int *info) {
    return by_type(type, [&](auto one) {
        typedef decltype(one) S;
        return run(h, m >= 0 && n >= 0 && lda >= most(1, m) && type == type_tau && type == by, [&] {
            if (!matrix((S *)a, m, n, lda, "geqrf, A") || !lies((S *)tau, m < n ? m : n, "geqrf, tau") || !lies(info, 1, INFO) ||
                !given(m, n, device, device_bytes, host, host_bytes))
                return false;
            *info = 0;
            lapack::qr(Matrix<S>((S *)a, lda), (int)m, (int)n, (S *)tau);
            return true;
        });
    });
}

int cusolverDnXsyevd_bufferSize(void *h, void *, int, int, int64_t n, int type, const void *, int64_t lda, int type_w, const void *, int by,
                                size_t *device, size_t *host) {
    return ask(h, n >= 0 && lda >= most(1, n) && type_w == real_of(type) && by == type, n, n, device, host);
}

int cusolverDnXsyevBatched_bufferSize(void *h, void *, int, int, int64_t n, int type, const void *, int64_t lda, int type_w, const void *,
                                      int by, size_t *device, size_t *host, int64_t) {
    return ask(h, n >= 0 && lda >= most(1, n) && type_w == real_of(type) && by == type, n, n, device, host);
}

int cusolverDnXsyevBatched(void *h, void *, int jobz, int uplo, int64_t n, int type, void *a, int64_t lda, int type_w, void *w, int by,
                           void *device, size_t device_bytes, void *host, size_t host_bytes, int *info, int64_t batch) {
    return by_type(type, [&](auto one) {
        typedef decltype(one) S;
        return run(h, n >= 0 && lda >= most(1, n) && type_w == real_of(type) && by == type, [&] {
            return given(n, n, device, device_bytes, host, host_bytes) &&
                   Dense<S>::eigh_all(jobz, uplo == 1, n, (S *)a, lda, (typename Number<S>::Real *)w, info, batch);
        });
    });
}

int cusolverDnXsyevd(void *h, void *params, int jobz, int uplo, int64_t n, int type, void *a, int64_t lda, int type_w, void *w, int by,
                     void *device, size_t device_bytes, void *host, size_t host_bytes, int *info) {
    return cusolverDnXsyevBatched(h, params, jobz, uplo, n, type, a, lda, type_w, w, by, device, device_bytes, host, host_bytes, info, 1);
}

int cusolverDnXgeev_bufferSize(void *h, void *, int job_l, int, int64_t n, int type, const void *, int64_t lda, int type_w, const void *, int,
                               const void *, int64_t ldvl, int type_r, const void *, int64_t ldvr, int by, size_t *device, size_t *host) {
    return ask(h, !job_l && n > 0 && lda >= n && type_w == complex_of(type) && type_r == type && by == type && ldvl >= 1 && ldvr >= 1, n, n,
               device, host);
}

int cusolverDnXgeev(void *h, void *, int job_l, int job_r, int64_t n, int type, void *a, int64_t lda, int type_w, void *w, int, void *,
                    int64_t ldvl, int type_r, void *vr, int64_t ldvr, int by, void *device, size_t device_bytes, void *host,
                    size_t host_bytes, int *info) {
    return by_type(type, [&](auto one) {
        typedef decltype(one) S;
        typedef std::complex<typename Number<S>::Real> Z;
        bool valid = !job_l && n > 0 && lda >= n && type_w == complex_of(type) && type_r == type && by == type && ldvl >= 1 &&
                     ldvr >= (job_r ? n : 1);
        return run(h, valid, [&] {
            return matrix((S *)a, n, n, lda, "geev, A") && lies((Z *)w, n, "geev, W") &&
                   (!job_r || matrix((S *)vr, n, n, ldvr, "geev, VR")) && given(n, n, device, device_bytes, host, host_bytes) &&
                   lies(info, 1, INFO) && Dense<S>::geev_one(job_r, (int)n, (S *)a, lda, (Z *)w, (S *)vr, ldvr, info);
        });
    });
}

int cusolverDnXsytrs_bufferSize(void *h, int, int64_t n, int64_t k, int type, const void *, int64_t lda, const int64_t *, int type_b, void *,
                                int64_t ldb, size_t *device, size_t *host) {
    return ask(h, n >= 0 && k >= 0 && lda >= most(1, n) && ldb >= most(1, n) && type == type_b, n, k, device, host);
}

int cusolverDnXsytrs(void *h, int uplo, int64_t n, int64_t k, int type, const void *a, int64_t lda, const int64_t *pivots, int type_b, void *b,
                     int64_t ldb, void *device, size_t device_bytes, void *host, size_t host_bytes, int *info) {
    if (uplo == 1) return NOT_SUPPORTED;
    return by_type(type, [&](auto one) {
        typedef decltype(one) S;
        return run(h, n >= 0 && k >= 0 && lda >= most(1, n) && ldb >= most(1, n) && type == type_b, [&] {
            if (!matrix((const S *)a, n, n, lda, "sytrs, A") || !matrix((S *)b, n, k, ldb, "sytrs, B") || !lies(pivots, n, "sytrs, pivots") ||
                !given(n, k, device, device_bytes, host, host_bytes) || !lies(info, 1, INFO))
                return false;
            *info = 0;
            lapack::ldl_solve(Matrix<S>((S *)a, lda), (int)n, (const long long *)pivots, Matrix<S>((S *)b, ldb), (int)k);
            return true;
        });
    });
}

} // extern "C"
