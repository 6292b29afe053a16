// A stand-in for cuBLAS: matrix products as plain loops over the simulated device's memory, column after column
// as in BLAS, with sums in double precision. It takes the driver's lock and looks at addresses through two
// functions of libcuda.so, next to which it lies.
#include <cstdint>
#include <cstring>

#include <complex>
#include <set>
#include <vector>

#include "library.h"

typedef std::complex<double> Complex;

enum {
    CUBLAS_STATUS_SUCCESS = 0,
    CUBLAS_STATUS_NOT_INITIALIZED = 1,
    CUBLAS_STATUS_INVALID_VALUE = 7,
    CUBLAS_STATUS_EXECUTION_FAILED = 13,
    CUBLAS_STATUS_NOT_SUPPORTED = 15,
};

struct Handle {
    void *stream;
    int math_mode, pointer_mode, atomics_mode;
};

namespace {

std::set<Handle *> &handles() {
    static auto *all = new std::set<Handle *>;
    return *all;
}

// cudaDataType, for the types that are supported.
enum Type { F32 = 0, F64 = 1, F16 = 2, C32 = 4, C64 = 5, BF16 = 14 };

size_t size_of(int type) {
    switch (type) {
    case F16: case BF16: return 2;
    case F32: return 4;
    case F64: case C32: return 8;
    case C64: return 16;
    default: return 0;
    }
}

bool is_complex(int type) { return type == C32 || type == C64; }

float from_bits(uint32_t bits) {
    float f;
    memcpy(&f, &bits, 4);
    return f;
}

uint32_t to_bits(float f) {
    uint32_t bits;
    memcpy(&bits, &f, 4);
    return bits;
}

// The processor's own conversions may be missing, so 16-bit numbers are taken apart by hand.
float half_to_float(uint16_t h) {
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = h >> 10 & 31, fraction = h & 1023;
    if (exponent == 31) return from_bits(sign | 0x7f800000u | fraction << 13);
    if (exponent) return from_bits(sign | (exponent + 112) << 23 | fraction << 13);
    float small = (float)fraction * 0x1p-24f;
    return sign ? -small : small;
}

// To the nearest, ties to even. The double is rounded once only.
uint16_t double_to_half(double d) {
    uint16_t sign = d < 0 || (d == 0 && 1 / d < 0) ? 0x8000 : 0;
    double a = d < 0 ? -d : d;
    if (d != d) return 0x7fff;
    if (a >= 65520) return sign | 0x7c00;
    int exponent = -14;
    while (exponent < 15 && a >= __builtin_ldexp(1.0, exponent + 1)) exponent++;
    double steps = __builtin_rint(__builtin_ldexp(a, 10 - exponent)); // in units of the last place
    return sign | (uint16_t)((exponent + 14) * 1024 + (int)steps); // 1024 steps carry into the exponent
}

uint16_t float_to_bf16(float f) {
    uint32_t bits = to_bits(f);
    if (f != f) return 0x7fff;
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

Complex read(const void *p, int type, long long i) {
    switch (type) {
    case F32: return ((const float *)p)[i];
    case F64: return ((const double *)p)[i];
    case F16: return half_to_float(((const uint16_t *)p)[i]);
    case BF16: return from_bits((uint32_t)((const uint16_t *)p)[i] << 16);
    case C32: return Complex(((const float *)p)[2 * i], ((const float *)p)[2 * i + 1]);
    default: return Complex(((const double *)p)[2 * i], ((const double *)p)[2 * i + 1]);
    }
}

void write(void *p, int type, long long i, Complex v) {
    switch (type) {
    case F32: ((float *)p)[i] = (float)v.real(); break;
    case F64: ((double *)p)[i] = v.real(); break;
    case F16: ((uint16_t *)p)[i] = double_to_half((float)v.real()); break;
    case BF16: ((uint16_t *)p)[i] = float_to_bf16((float)v.real()); break;
    case C32: ((float *)p)[2 * i] = (float)v.real(), ((float *)p)[2 * i + 1] = (float)v.imag(); break;
    default: ((double *)p)[2 * i] = v.real(), ((double *)p)[2 * i + 1] = v.imag();
    }
}

struct Matrix {
    const void *data;
    int type, lead;
    long long stride; // from one matrix of a batch to the next
};

struct Product {
    int op_a, op_b, m, n, k, batch;
    const void *alpha, *beta;
    int scalar_type;
    Matrix a, b, c;
};

// Bytes from the first to the last number of all matrices of a batch.
size_t extent(const Matrix &x, long long rows, long long columns, long long batch) {
    if (rows <= 0 || columns <= 0 || batch <= 0) return 0;
    return (size_t)((batch - 1) * x.stride + (columns - 1) * x.lead + rows) * size_of(x.type);
}

bool usable(const Matrix &x, int rows, int columns, int batch, const char *what) {
    return sim_check((unsigned long long)x.data, extent(x, rows, columns, batch), what);
}

// op(X), copied into rows that are next to each other, so that the inner loop is quick.
template <class T> T as(Complex v);
template <> double as<double>(Complex v) { return v.real(); }
template <> Complex as<Complex>(Complex v) { return v; }

template <class T> std::vector<T> gather(const Matrix &x, int op, int rows, int columns, int which, bool by_rows) {
    std::vector<T> out((size_t)rows * columns);
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++) {
            long long at = which * x.stride + (op ? j + (long long)i * x.lead : i + (long long)j * x.lead);
            Complex v = read(x.data, x.type, at);
            if (op == 2) v = std::conj(v);
            out[by_rows ? (size_t)i * columns + j : (size_t)j * rows + i] = as<T>(v);
        }
    return out;
}

template <class T> void multiply(const Product &p) {
    T alpha = as<T>(read(p.alpha, p.scalar_type, 0)), beta = as<T>(read(p.beta, p.scalar_type, 0));
    for (int which = 0; which < p.batch; which++) {
        std::vector<T> a, b;
        if (p.k > 0 && alpha != T(0)) {
            a = gather<T>(p.a, p.op_a, p.m, p.k, which, true);
            b = gather<T>(p.b, p.op_b, p.k, p.n, which, false);
        }
        for (int j = 0; j < p.n; j++)
            for (int i = 0; i < p.m; i++) {
                T sum = 0;
                for (size_t l = 0; !a.empty() && l < (size_t)p.k; l++) sum += a[(size_t)i * p.k + l] * b[(size_t)j * p.k + l];
                sum *= alpha;
                long long at = which * p.c.stride + i + (long long)j * p.c.lead;
                // With beta = 0 the old value is not read: it may be anything, NaN as well.
                if (beta != T(0)) sum += beta * as<T>(read(p.c.data, p.c.type, at));
                write((void *)p.c.data, p.c.type, at, Complex(sum));
            }
    }
}

int run(Handle *h, const Product &p) {
    if (!handles().count(h)) return CUBLAS_STATUS_NOT_INITIALIZED;
    auto lead_of = [](int op, int rows, int columns) { int r = op ? columns : rows; return r > 1 ? r : 1; };
    if (p.op_a < 0 || p.op_a > 2 || p.op_b < 0 || p.op_b > 2 || p.m < 0 || p.n < 0 || p.k < 0 || p.batch < 0 ||
        p.a.lead < lead_of(p.op_a, p.m, p.k) || p.b.lead < lead_of(p.op_b, p.k, p.n) || p.c.lead < lead_of(0, p.m, 1) ||
        !p.alpha || !p.beta)
        return CUBLAS_STATUS_INVALID_VALUE;
    if (!size_of(p.a.type) || !size_of(p.c.type) || p.a.type != p.b.type || h->pointer_mode) return CUBLAS_STATUS_NOT_SUPPORTED;
    if (sim_enter()) return CUBLAS_STATUS_EXECUTION_FAILED;
    int status = CUBLAS_STATUS_SUCCESS;
    if (p.m && p.n && p.batch) {
        bool fine = !sim_check_stream(h->stream) && usable(p.c, p.m, p.n, p.batch, "cublas, C") &&
                    (!p.k || (usable(p.a, p.op_a ? p.k : p.m, p.op_a ? p.m : p.k, p.batch, "cublas, A") &&
                              usable(p.b, p.op_b ? p.n : p.k, p.op_b ? p.k : p.n, p.batch, "cublas, B")));
        if (!fine) status = CUBLAS_STATUS_EXECUTION_FAILED;
        else if (is_complex(p.c.type)) multiply<Complex>(p);
        else multiply<double>(p);
    }
    sim_leave();
    return status;
}

// The type of alpha and beta for a compute type, or -1 where the combination does not exist.
int scalar_type(int compute, int type) {
    switch (compute) {
    case 64: case 65: return type == F16 ? F16 : -1;
    case 68: case 69: case 74: case 75: case 77: case 78: return type == C32 ? C32 : type == F64 || type == C64 ? -1 : F32;
    case 70: case 71: case 79: return type == F64 ? F64 : type == C64 ? C64 : -1;
    default: return -1;
    }
}

int run_ex(Handle *h, int op_a, int op_b, int m, int n, int k, const void *alpha, Matrix a, Matrix b, const void *beta,
           Matrix c, int batch, int compute) {
    if (!handles().count(h)) return CUBLAS_STATUS_NOT_INITIALIZED;
    // C has the type of A and B, or is float for 16-bit ones.
    bool goes = c.type == a.type || (c.type == F32 && (a.type == F16 || a.type == BF16) && compute >= 68);
    int scalar = scalar_type(compute, a.type);
    if (scalar < 0 || !goes) return CUBLAS_STATUS_NOT_SUPPORTED;
    return run(h, {op_a, op_b, m, n, k, batch, alpha, beta, scalar, a, b, c});
}

// y = alpha op(A) x + beta y is a product with one column; steps through x and y make them rows of a matrix.
int run_vector(Handle *h, int op, int m, int n, const void *alpha, Matrix a, const void *x, int step_x, const void *beta,
               void *y, int step_y) {
    if (step_x <= 0 || step_y <= 0) return step_x && step_y ? CUBLAS_STATUS_NOT_SUPPORTED : CUBLAS_STATUS_INVALID_VALUE;
    // Transposed twice: row vectors lie in memory with the step as their leading dimension.
    int rows = op ? n : m, inner = op ? m : n;
    if (op == 2) return CUBLAS_STATUS_NOT_SUPPORTED;
    return run(h, {0, op ? 0 : 1, 1, rows, inner, 1, alpha, beta, a.type, {x, a.type, step_x, 0}, a, {y, a.type, step_y, 0}});
}

} // namespace

// For the routines in cublas_batches.cpp: what is wrong with a handle, or the driver's lock.
int cublas_begin(void *handle) {
    Handle *h = (Handle *)handle;
    if (!handles().count(h)) return CUBLAS_STATUS_NOT_INITIALIZED;
    if (h->pointer_mode) return CUBLAS_STATUS_NOT_SUPPORTED;
    if (sim_enter()) return CUBLAS_STATUS_EXECUTION_FAILED;
    if (!sim_check_stream(h->stream)) return CUBLAS_STATUS_SUCCESS;
    sim_leave();
    return CUBLAS_STATUS_EXECUTION_FAILED;
}

extern "C" {

int cublasCreate_v2(Handle **h) {
    // As with the real one, a context must be there.
    if (sim_enter()) return CUBLAS_STATUS_NOT_INITIALIZED;
    *h = new Handle{nullptr, 0, 0, 0};
    handles().insert(*h);
    sim_leave();
    return CUBLAS_STATUS_SUCCESS;
}

int cublasDestroy_v2(Handle *h) {
    if (!handles().erase(h)) return CUBLAS_STATUS_NOT_INITIALIZED;
    delete h;
    return CUBLAS_STATUS_SUCCESS;
}

#define SETTER(name, type, field)                                                                              \
    int name(Handle *h, type value) {                                                                          \
        if (!handles().count(h)) return CUBLAS_STATUS_NOT_INITIALIZED;                                         \
        h->field = value;                                                                                      \
        return CUBLAS_STATUS_SUCCESS;                                                                          \
    }
#define GETTER(name, type, field)                                                                              \
    int name(Handle *h, type *value) {                                                                         \
        if (!handles().count(h)) return CUBLAS_STATUS_NOT_INITIALIZED;                                         \
        *value = h->field;                                                                                     \
        return CUBLAS_STATUS_SUCCESS;                                                                          \
    }
SETTER(cublasSetStream_v2, void *, stream)
GETTER(cublasGetStream_v2, void *, stream)
SETTER(cublasSetMathMode, int, math_mode)
GETTER(cublasGetMathMode, int, math_mode)
SETTER(cublasSetPointerMode_v2, int, pointer_mode)
GETTER(cublasGetPointerMode_v2, int, pointer_mode)
SETTER(cublasSetAtomicsMode, int, atomics_mode)
GETTER(cublasGetAtomicsMode, int, atomics_mode)

int cublasSetWorkspace_v2(Handle *h, void *, size_t) {
    return handles().count(h) ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_NOT_INITIALIZED;
}

int cublasGetVersion_v2(Handle *, int *version) {
    *version = 130000;
    return CUBLAS_STATUS_SUCCESS;
}

static const struct {
    int status;
    const char *name;
} status_names[] = {{0, "CUBLAS_STATUS_SUCCESS"}, {1, "CUBLAS_STATUS_NOT_INITIALIZED"}, {3, "CUBLAS_STATUS_ALLOC_FAILED"},
                    {7, "CUBLAS_STATUS_INVALID_VALUE"}, {8, "CUBLAS_STATUS_ARCH_MISMATCH"}, {11, "CUBLAS_STATUS_MAPPING_ERROR"},
                    {13, "CUBLAS_STATUS_EXECUTION_FAILED"}, {14, "CUBLAS_STATUS_INTERNAL_ERROR"},
                    {15, "CUBLAS_STATUS_NOT_SUPPORTED"}, {16, "CUBLAS_STATUS_LICENSE_ERROR"}};
const char *cublasGetStatusName(int status) {
    for (auto &one : status_names)
        if (one.status == status) return one.name;
    return "CUBLAS_STATUS unknown";
}
const char *cublasGetStatusString(int status) { return cublasGetStatusName(status); }

int cublasGemmEx(Handle *h, int op_a, int op_b, int m, int n, int k, const void *alpha, const void *a, int type_a, int lda,
                 const void *b, int type_b, int ldb, const void *beta, void *c, int type_c, int ldc, int compute, int) {
    return run_ex(h, op_a, op_b, m, n, k, alpha, {a, type_a, lda, 0}, {b, type_b, ldb, 0}, beta, {c, type_c, ldc, 0}, 1, compute);
}

int cublasGemmStridedBatchedEx(Handle *h, int op_a, int op_b, int m, int n, int k, const void *alpha, const void *a, int type_a,
                               int lda, long long stride_a, const void *b, int type_b, int ldb, long long stride_b,
                               const void *beta, void *c, int type_c, int ldc, long long stride_c, int batch, int compute, int) {
    return run_ex(h, op_a, op_b, m, n, k, alpha, {a, type_a, lda, stride_a}, {b, type_b, ldb, stride_b}, beta,
                  {c, type_c, ldc, stride_c}, batch, compute);
}

#define GEMM(letter, type)                                                                                     \
    int cublas##letter##gemm_v2(Handle *h, int op_a, int op_b, int m, int n, int k, const void *alpha,         \
                                const void *a, int lda, const void *b, int ldb, const void *beta, void *c,     \
                                int ldc) {                                                                     \
        return run(h, {op_a, op_b, m, n, k, 1, alpha, beta, type, {a, type, lda, 0}, {b, type, ldb, 0},        \
                       {c, type, ldc, 0}});                                                                    \
    }                                                                                                          \
    int cublas##letter##gemmStridedBatched(Handle *h, int op_a, int op_b, int m, int n, int k,                 \
                                           const void *alpha, const void *a, int lda, long long sa,            \
                                           const void *b, int ldb, long long sb, const void *beta, void *c,    \
                                           int ldc, long long sc, int batch) {                                 \
        return run(h, {op_a, op_b, m, n, k, batch, alpha, beta, type, {a, type, lda, sa}, {b, type, ldb, sb},  \
                       {c, type, ldc, sc}});                                                                   \
    }
GEMM(S, F32)
GEMM(D, F64)
GEMM(C, C32)
GEMM(Z, C64)

#define GEMV(letter, type)                                                                                     \
    int cublas##letter##gemv_v2(Handle *h, int op, int m, int n, const void *alpha, const void *a, int lda,    \
                                const void *x, int step_x, const void *beta, void *y, int step_y) {            \
        return run_vector(h, op, m, n, alpha, {a, type, lda, 0}, x, step_x, beta, y, step_y);                  \
    }
GEMV(S, F32)
GEMV(D, F64)
GEMV(C, C32)
GEMV(Z, C64)

} // extern "C"
