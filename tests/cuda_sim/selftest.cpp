// Checks the simulated device the way a program sees it: the libraries are opened by the names that cudarc tries,
// kernels are compiled and run, and kernels that are wrong must be found out.
//
//   LD_LIBRARY_PATH=OUTDIR OUTDIR/selftest              everything
//   selftest --nvrtc PATH                               only compile selftest.cu, with a real libnvrtc
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <chrono>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

typedef unsigned long long Pointer;
typedef void *Handle;

namespace {

void *cuda, *nvrtc, *cublas;
int checks = 0, failures = 0;

template <class... A> int call(void *library, const char *name, A... arguments) {
    auto function = (int (*)(A...))dlsym(library, name);
    if (!function) {
        printf("no function %s\n", name);
        exit(1);
    }
    return function(arguments...);
}

void check(bool fine, const char *what, int line, const std::string &more = "") {
    checks++;
    if (fine) return;
    failures++;
    printf("selftest.cpp:%d: failed: %s %s\n", line, what, more.c_str());
}
#define CHECK(x) check((x), #x, __LINE__)
#define CHECK_EQ(a, b)                                                                                         \
    do {                                                                                                       \
        long long got_ = (long long)(a), wanted_ = (long long)(b);                                             \
        check(got_ == wanted_, #a " == " #b, __LINE__, "got " + std::to_string(got_));                         \
    } while (0)
#define CHECK_NEAR(a, b, tolerance)                                                                            \
    do {                                                                                                       \
        double got_ = (a), wanted_ = (b);                                                                      \
        check(std::fabs(got_ - wanted_) <= (tolerance) * (std::fabs(wanted_) + 1e-300), #a, __LINE__,          \
              "got " + std::to_string(got_) + " for " + std::to_string(wanted_));                              \
    } while (0)

// ---- stderr of the simulation, caught so that its words can be looked at ---------------------------------------
std::string messages_path;
int real_stderr = -1;

void catch_messages() {
    fflush(stderr);
    if (real_stderr < 0) real_stderr = dup(2);
    int file = open(messages_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    dup2(file, 2);
    close(file);
}

std::string caught() {
    fflush(stderr);
    dup2(real_stderr, 2);
    std::ifstream in(messages_path);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

// ---- compiling and launching -------------------------------------------------------------------------------------
std::string kernels_text() {
    std::ifstream in(SELFTEST_KERNELS);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

struct Compiled {
    int result;
    std::string log, ptx, cubin;
};

Compiled compile(const std::string &source, std::vector<const char *> options) {
    Compiled c;
    Handle program;
    size_t n = 0;
    call(nvrtc, "nvrtcCreateProgram", &program, source.c_str(), "selftest.cu", 0, (void *)nullptr, (void *)nullptr);
    c.result = call(nvrtc, "nvrtcCompileProgram", program, (int)options.size(), options.data());
    call(nvrtc, "nvrtcGetProgramLogSize", program, &n);
    c.log.resize(n);
    call(nvrtc, "nvrtcGetProgramLog", program, &c.log[0]);
    if (!c.result) {
        call(nvrtc, "nvrtcGetPTXSize", program, &n);
        c.ptx.resize(n);
        call(nvrtc, "nvrtcGetPTX", program, &c.ptx[0]);
        call(nvrtc, "nvrtcGetCUBINSize", program, &n);
        c.cubin.resize(n);
        if (n) call(nvrtc, "nvrtcGetCUBIN", program, &c.cubin[0]);
    }
    call(nvrtc, "nvrtcDestroyProgram", &program);
    return c;
}

Handle context, module;

Handle function(const char *name) {
    Handle f = nullptr;
    CHECK_EQ(call(cuda, "cuModuleGetFunction", &f, module, name), 0);
    return f;
}

struct Shape {
    unsigned gx = 1, gy = 1, bx = 32, by = 1, shared = 0;
};

template <class... A> int launch(Handle f, Shape s, A... arguments) {
    void *pointers[] = {(void *)&arguments..., nullptr};
    return call(cuda, "cuLaunchKernel", f, s.gx, s.gy, 1u, s.bx, s.by, 1u, s.shared, (void *)nullptr, (void **)pointers,
                (void **)nullptr);
}

int synchronize() { return call(cuda, "cuCtxSynchronize"); }

template <class T> struct Array {
    Pointer at = 0;
    size_t n;
    explicit Array(size_t count) : n(count) { CHECK_EQ(call(cuda, "cuMemAlloc_v2", &at, n * sizeof(T)), 0); }
    explicit Array(const std::vector<T> &v) : Array(v.size()) { put(v); }
    ~Array() { call(cuda, "cuMemFree_v2", at); }
    void put(const std::vector<T> &v) { CHECK_EQ(call(cuda, "cuMemcpyHtoD_v2", at, (const void *)v.data(), v.size() * sizeof(T)), 0); }
    std::vector<T> get() {
        std::vector<T> v(n);
        CHECK_EQ(call(cuda, "cuMemcpyDtoH_v2", (void *)v.data(), at, n * sizeof(T)), 0);
        return v;
    }
};

void open_libraries() {
    cuda = dlopen("libcuda.so", RTLD_LAZY);
    nvrtc = dlopen("libnvrtc.so", RTLD_LAZY);
    cublas = dlopen("libcublas.so", RTLD_LAZY);
    if (!cuda || !nvrtc || !cublas) {
        printf("%s\n", dlerror());
        exit(1);
    }
}

void new_context() {
    CHECK_EQ(call(cuda, "cuDevicePrimaryCtxRetain", &context, 0), 0);
    CHECK_EQ(call(cuda, "cuCtxSetCurrent", context), 0);
}

// After an error that sticks only a new context helps.
void renew_context() {
    CHECK_EQ(call(cuda, "cuDevicePrimaryCtxRelease_v2", 0), 0);
    new_context();
}

void start() {
    CHECK_EQ(call(cuda, "cuInit", 0u), 0);
    new_context();
    Compiled c = compile(kernels_text(), {"--gpu-architecture=sm_90", "--fmad=false"});
    if (c.result) {
        printf("%s\n", c.log.c_str());
        exit(1);
    }
    CHECK(!c.cubin.empty());
    CHECK_EQ(call(cuda, "cuModuleLoadData", &module, (const void *)c.cubin.c_str()), 0);
}

// ---- what must work ------------------------------------------------------------------------------------------------
void test_device() {
    int n = 0, value = 0, version = 0;
    Handle now;
    char name[64];
    size_t total = 0, left = 0;
    CHECK_EQ(call(cuda, "cuDeviceGetCount", &n), 0);
    CHECK_EQ(n, 1);
    CHECK_EQ(call(cuda, "cuDriverGetVersion", &version), 0);
    CHECK_EQ(version, 13000);
    CHECK_EQ(call(cuda, "cuDeviceGet", &n, 1), 101);
    CHECK_EQ(call(cuda, "cuDeviceGetName", &name[0], 64, 0), 0);
    CHECK(!strcmp(name, "Simulated CUDA device"));
    struct { int attribute, value; } wanted[] = {{75, 9}, {76, 0}, {16, 132}, {39, 2048}, {1, 1024}, {10, 32}, {8, 49152}, {97, 232448}, {115, 1}, {100, 0}};
    for (auto &w : wanted) {
        call(cuda, "cuDeviceGetAttribute", &value, w.attribute, 0);
        CHECK_EQ(value, w.value);
    }
    CHECK_EQ(call(cuda, "cuDeviceTotalMem_v2", &total, 0), 0);
    CHECK_EQ(total, 4ll << 30);
    CHECK_EQ(call(cuda, "cuCtxGetCurrent", &now), 0);
    CHECK(now == context);
    {
        Array<char> some(1000);
        CHECK_EQ(call(cuda, "cuMemGetInfo_v2", &left, &total), 0);
        CHECK_EQ(total - left, 1024);
    }
    const char *text = nullptr;
    CHECK_EQ(call(cuda, "cuGetErrorName", 700, &text), 0);
    CHECK(!strcmp(text, "CUDA_ERROR_ILLEGAL_ADDRESS"));
}

void test_memory() {
    std::vector<int> v(5000);
    for (size_t i = 0; i < v.size(); i++) v[i] = (int)i;
    Array<int> a(v), b(v.size());
    CHECK_EQ(b.get()[17], (int)0xcbcbcbcb); // new memory holds nothing useful
    CHECK_EQ(call(cuda, "cuMemcpyDtoDAsync_v2", b.at, a.at, v.size() * 4, (void *)nullptr), 0);
    CHECK(b.get() == v);
    CHECK_EQ(call(cuda, "cuMemsetD32_v2", b.at, 7u, v.size()), 0);
    CHECK_EQ(call(cuda, "cuMemsetD16_v2", b.at + 4, (unsigned short)3, (size_t)2), 0);
    CHECK_EQ(call(cuda, "cuMemsetD8Async", b.at + 8, (unsigned char)1, (size_t)1, (void *)nullptr), 0);
    v = b.get();
    CHECK(v[0] == 7 && v[1] == 0x30003 && v[2] == 1 && v[4999] == 7);
    void *host = nullptr;
    CHECK_EQ(call(cuda, "cuMemHostAlloc", &host, (size_t)100, 0u), 0);
    CHECK_EQ(call(cuda, "cuMemcpyDtoHAsync_v2", host, b.at, (size_t)100, (void *)nullptr), 0);
    CHECK_EQ(((int *)host)[3], 7);
    CHECK_EQ(call(cuda, "cuMemFreeHost", host), 0);
    Pointer p = 0;
    CHECK_EQ(call(cuda, "cuMemAllocAsync", &p, (size_t)10, (void *)nullptr), 0);
    CHECK_EQ(p % 256, 0);
    CHECK_EQ(call(cuda, "cuMemFreeAsync", p, (void *)nullptr), 0);
    CHECK_EQ(call(cuda, "cuMemAlloc_v2", &p, (size_t)0), 1);
    CHECK_EQ(call(cuda, "cuMemAlloc_v2", &p, (size_t)32 << 40), 2);
    CHECK_EQ(call(cuda, "cuMemAlloc_v2", &p, (size_t)-1), 2);
    CHECK_EQ(synchronize(), 0); // none of which sticks
}

void test_streams_and_events() {
    Handle stream, start, end, bare;
    float ms = -1;
    CHECK_EQ(call(cuda, "cuStreamCreate", &stream, 1u), 0);
    CHECK_EQ(call(cuda, "cuEventCreate", &start, 0u), 0);
    CHECK_EQ(call(cuda, "cuEventCreate", &end, 0u), 0);
    CHECK_EQ(call(cuda, "cuEventCreate", &bare, 2u), 0);
    CHECK_EQ(call(cuda, "cuEventElapsedTime_v2", &ms, start, end), 400);
    CHECK_EQ(call(cuda, "cuEventRecord", start, stream), 0);
    usleep(2000);
    CHECK_EQ(call(cuda, "cuEventRecord", end, stream), 0);
    CHECK_EQ(call(cuda, "cuEventRecord", bare, stream), 0);
    CHECK_EQ(call(cuda, "cuStreamWaitEvent", stream, end, 0u), 0);
    CHECK_EQ(call(cuda, "cuEventSynchronize", end), 0);
    CHECK_EQ(call(cuda, "cuEventQuery", end), 0);
    CHECK_EQ(call(cuda, "cuEventElapsedTime_v2", &ms, start, end), 0);
    CHECK(ms >= 2 && ms < 1000);
    CHECK_EQ(call(cuda, "cuEventElapsedTime_v2", &ms, start, bare), 400);
    for (Handle e : {start, end, bare}) CHECK_EQ(call(cuda, "cuEventDestroy_v2", e), 0);
    CHECK_EQ(call(cuda, "cuStreamDestroy_v2", stream), 0);
    CHECK_EQ(call(cuda, "cuStreamSynchronize", stream), 400);
}

void test_elementwise() {
    int n = 100003;
    std::vector<float> a(n), b(n);
    for (int i = 0; i < n; i++) a[i] = (float)(i % 101) - 50, b[i] = (float)(i % 7);
    Array<float> da(a), db(b), out(n);
    Handle f = function("fused");
    int most = 0;
    call(cuda, "cuFuncGetAttribute", &most, 0, f);
    CHECK_EQ(most, 256);
    for (Shape s : {Shape{64, 1, 256}, Shape{391, 1, 256}, Shape{1, 1, 1}}) {
        CHECK_EQ(launch(f, s, da.at, db.at, out.at, n, 0.5f), 0);
        std::vector<float> r = out.get();
        int wrong = 0;
        for (int i = 0; i < n; i++) wrong += r[i] != std::fmax(a[i] * 0.5f + b[i], 0.0f);
        CHECK_EQ(wrong, 0);
    }
    struct { long long shape[8], stride[8]; int rank, total; } s = {{3, 4, 5}, {1, 15, 3}, 3, 60};
    CHECK_EQ(launch(function("gather_strided"), {3, 1, 32}, da.at, out.at, s), 0);
    std::vector<float> r = out.get();
    int wrong = 0;
    for (int i = 0; i < 60; i++) wrong += r[i] != a[i / 20 + i / 5 % 4 * 15 + i % 5 * 3];
    CHECK_EQ(wrong, 0);
    std::vector<float> four(4 * 33);
    for (size_t i = 0; i < four.size(); i++) four[i] = (float)i;
    Array<float> v(four), w(four.size());
    CHECK_EQ(launch(function("vectors"), {2, 1, 32}, v.at, w.at, 33), 0);
    r = w.get();
    CHECK(r[0] == 3 && r[3] == 0 && r[131] == 128);
}

void test_blocks() {
    std::vector<float> a(100003);
    double sum = 0;
    for (size_t i = 0; i < a.size(); i++) sum += a[i] = (float)(i % 97) / 97 - 0.3f;
    Array<float> da(a), total(std::vector<float>{0});
    CHECK_EQ(launch(function("block_sum"), {13, 1, 256}, da.at, total.at, (int)a.size()), 0);
    CHECK_NEAR(total.get()[0], sum, 1e-4);

    int n = 37;
    std::vector<float> x(n * n), y(n * n);
    for (int i = 0; i < n * n; i++) x[i] = (float)(i % 13), y[i] = (float)(i % 11) - 5;
    Array<float> dx(x), dy(y), dz(n * n);
    CHECK_EQ(launch(function("matmul"), {3, 3, 16, 16}, dx.at, dy.at, dz.at, n), 0);
    std::vector<float> z = dz.get();
    int wrong = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            float s = 0;
            for (int k = 0; k < n; k++) s += x[i * n + k] * y[k * n + j];
            wrong += z[i * n + j] != s;
        }
    CHECK_EQ(wrong, 0);

    std::vector<double> d(256);
    for (int i = 0; i < 256; i++) d[i] = i;
    Array<double> dd(d), de(256);
    CHECK_EQ(launch(function("reverse_block"), {4, 1, 64, 1, 512}, dd.at, de.at), 0);
    std::vector<double> e = de.get();
    CHECK(e[0] == 63 && e[63] == 0 && e[64] == 127 && e[255] == 192);

    Array<int> o(64);
    CHECK_EQ(launch(function("shared_outside"), {1, 1, 64, 1, 256}, o.at), 0);
    CHECK(o.get()[0] == 3 && o.get()[63] == 0);
    CHECK_EQ(launch(function("early_leave"), {1, 1, 64}, o.at, 40), 0);
    CHECK(o.get()[0] == 39 && o.get()[39] == 0);
    Array<unsigned> u(32);
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(launch(function("untouched_shared"), {2, 1, 32, 1, 128}, u.at), 0);
        CHECK_EQ(u.get()[9], 0xcbcbcbcbu);
    }
    int limit = 0;
    Handle f = function("reverse_block");
    catch_messages();
    CHECK_EQ(launch(f, {1, 1, 64, 1, 50000}, dd.at, de.at), 1);
    CHECK(caught().find("50000 bytes of dynamic shared memory") != std::string::npos);
    CHECK_EQ(call(cuda, "cuFuncSetAttribute", f, 8, 100000), 0);
    CHECK_EQ(call(cuda, "cuFuncGetAttribute", &limit, 8, f), 0);
    CHECK_EQ(limit, 100000);
    CHECK_EQ(launch(f, {1, 1, 64, 1, 50000}, dd.at, de.at), 0);
    CHECK_EQ(call(cuda, "cuFuncSetAttribute", f, 8, 49152), 0);
    CHECK_EQ(synchronize(), 0);
}

void test_globals() {
    Array<float> out(8);
    for (int i = 0; i < 3; i++) CHECK_EQ(launch(function("globals"), {1, 1, 8}, out.at), 0);
    CHECK(out.get()[3] == 8 && out.get()[4] == 1);
    Pointer where = 0;
    size_t size = 0;
    int count = 0;
    CHECK_EQ(call(cuda, "cuModuleGetGlobal_v2", &where, &size, module, "launches"), 0);
    CHECK_EQ(size, 4);
    CHECK_EQ(call(cuda, "cuMemcpyDtoH_v2", (void *)&count, where, size), 0);
    CHECK_EQ(count, 3);
    CHECK_EQ(call(cuda, "cuModuleGetGlobal_v2", &where, &size, module, "malloc"), 500);
}

void test_warps() {
    const int n = 64;
    Array<unsigned long long> out(32 * n);
    CHECK_EQ(launch(function("warps"), {1, 1, n}, out.at), 0);
    std::vector<unsigned long long> r = out.get();
    int wrong = 0;
    for (int t = 0; t < n; t++) {
        int lane = t % 32, base = t - lane;
        unsigned long long wanted[] = {
            (unsigned long long)base + 3, (unsigned long long)t / 8 * 8 + 1, (unsigned long long)(lane >= 2 ? t - 2 : t),
            (unsigned long long)(t % 16 ? t - 1 : t), (unsigned long long)(lane < 30 ? t + 2 : t), (unsigned long long)(t % 4 == 0 ? t + 3 : t),
            (unsigned long long)(t ^ 1), (unsigned long long)(t ^ 5), (base + 31) * 0x100000001ull, (unsigned long long)(lane < 31 ? t + 1 : t),
            0x49249249, 1, 0, 496, 100, 0xffull << lane / 8 * 8, 32, 1, 1, (unsigned long long)(t ^ 8),
            lane < 16 ? 0xaaaaull : 0xccccull << 16, 1};
        for (size_t row = 0; row < sizeof wanted / sizeof *wanted; row++) {
            if (r[row * n + t] == wanted[row]) continue;
            if (!wrong++) printf("row %zu thread %d: %llx, not %llx\n", row, t, r[row * n + t], wanted[row]);
        }
    }
    CHECK_EQ(wrong, 0);
}

void test_atomics() {
    Array<int> i(std::vector<int>{0, 1000, -1000});
    Array<unsigned> u(std::vector<unsigned>{0, 0, 0, 255, 0});
    Array<unsigned long long> l(std::vector<unsigned long long>{1});
    Array<float> f(std::vector<float>{0, -1});
    Array<double> d(std::vector<double>{0});
    Array<unsigned short> h(std::vector<unsigned short>{60000, 5});
    CHECK_EQ(launch(function("atomics"), {80, 1, 64}, i.at, u.at, l.at, f.at, d.at, h.at), 0);
    const long long n = 80 * 64, sum = n * (n - 1) / 2;
    unsigned all = 0;
    for (unsigned t = 0; t < n; t++) all ^= t;
    CHECK_EQ(i.get()[0], sum);
    CHECK_EQ(i.get()[1], 0);
    CHECK_EQ(i.get()[2], n - 1);
    std::vector<unsigned> v = u.get();
    CHECK(v[0] == n && v[1] == 0xffffffffu && v[2] == all && v[3] == 248 && v[4] == n % 7);
    CHECK_EQ(l.get()[0], (sum << 32) + 1);
    CHECK(f.get()[0] == n * 0.5f && f.get()[1] == n - 1);
    CHECK(d.get()[0] == n * 0.25);
    CHECK(h.get()[0] == (unsigned short)(60000 + n) && h.get()[1] == 5);
}

void test_bits() {
    Array<long long> out(26);
    CHECK_EQ(launch(function("bits"), {1, 1, 1}, out.at), 0);
    long long wanted[] = {8, 64, 31, 32, 63, 4, 0, 2147483648ll, 2147483648ll, 4294967294ll, -1, -2, -1, 0x77553311, 3, 0x3f800000,
                          0x3ff0000000000000, 2, -2, 2147483647, -1, 4294967295ll, 2, 1616, 416, 7};
    std::vector<long long> r = out.get();
    for (int i = 0; i < 26; i++) CHECK_EQ(r[i] + i * 0, wanted[i]);
}

void test_special() {
    Array<double> out(22);
    double x = 0.3;
    CHECK_EQ(launch(function("special"), {1, 1, 1}, out.at, x), 0);
    std::vector<double> r = out.get();
    // Computed with mpmath, 30 digits.
    double wanted[] = {0.27246271472675435, 0.73286907795921687, 0.73459933456765515, 0.018795888861416751, 0.61791142218895263,
                       -0.52440051270804082, -37.047096299361199, 1.022626879351597, 5.8447515883904683e+24, 0.8090169943749474,
                       0.58778525229247316, 0, 1.8257418583505537, 1.4938015821857216, 0.97762624653829609, -2.2931051383885291,
                       1.0957979948180756, 1.9952623149688796, -0.91, 0, 0, 16 - 1.5 + 5 - 1 + 2 - 1};
    for (int i = 0; i < 22; i++) {
        if (i == 19 || i == 20) continue;
        CHECK_NEAR(r[i], wanted[i], 1e-12);
    }
    CHECK_NEAR(r[19], 7 + 1 + 0.5 + 0.5 + 1 + 8, 1e-6);
    CHECK_NEAR(r[20] + 1, 1, 1e-7);
}

void test_printf() {
    fflush(stdout);
    int saved = dup(1), file = open(messages_path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0666);
    dup2(file, 1);
    launch(function("says"), {1, 1, 2}, 5);
    fflush(stdout);
    dup2(saved, 1);
    close(file);
    std::ifstream in(messages_path);
    std::string first, second;
    std::getline(in, first);
    std::getline(in, second);
    CHECK(first == "hello from thread 0 of 5" || first == "hello from thread 1 of 5");
    CHECK(second.size() == first.size() && second != first);
}

void test_occupancy() {
    int n = 0, grid = 0, block = 0;
    Handle f = function("fused");
    CHECK_EQ(call(cuda, "cuOccupancyMaxActiveBlocksPerMultiprocessor", &n, f, 256, (size_t)0), 0);
    CHECK_EQ(n, 8);
    CHECK_EQ(call(cuda, "cuOccupancyMaxPotentialBlockSize", &grid, &block, f, (void *)nullptr, (size_t)0, 0), 0);
    CHECK_EQ(block, 256);
    CHECK_EQ(grid, 8 * 132);
}

void test_compiler() {
    Handle f = nullptr;
    CHECK_EQ(call(cuda, "cuModuleGetFunction", &f, module, "no_such_kernel"), 500);
    Compiled c = compile("extern \"C\" __global__ void k(float *a) {\n    a[0] = oops;\n}\n", {"--gpu-architecture=sm_90"});
    CHECK_EQ(c.result, 6);
    CHECK(c.log.find("selftest.cu(2): error:") != std::string::npos && c.log.find("oops") != std::string::npos);
    // A macro makes the kernels, and an option the macro.
    c = compile("#define KERNEL(name, T) extern \"C\" __global__ void name(T *a) { a[threadIdx.x] = (T)(VALUE); }\n"
                "KERNEL(set_int, int) KERNEL(set_float, float)\n#if 0\nextern \"C\" __global__ void gone(\n#endif\n",
                {"--gpu-architecture=compute_80", "-DVALUE=41+1", "-default-device", "--std=c++17"});
    CHECK_EQ(c.result, 0);
    CHECK(c.cubin.empty());
    Handle other = nullptr;
    CHECK_EQ(call(cuda, "cuModuleLoadData", &other, (const void *)c.ptx.c_str()), 0);
    CHECK_EQ(call(cuda, "cuModuleGetFunction", &f, other, "set_float"), 0);
    Array<float> a(4);
    CHECK_EQ(launch(f, {1, 1, 4}, a.at), 0);
    CHECK(a.get()[3] == 42);
    CHECK_EQ(call(cuda, "cuModuleUnload", other), 0);
    catch_messages();
    CHECK_EQ(launch(f, {1, 1, 4}, a.at), 400); // it went with its module
    CHECK_EQ(call(cuda, "cuModuleLoadData", &other, (const void *)".version 9.0\n"), 200);
    c = compile("extern \"C\" __global__ void k() {}", {"--gpu-architecture=sm_100"});
    CHECK_EQ(call(cuda, "cuModuleLoadData", &other, (const void *)c.cubin.c_str()), 209);
    caught();
    CHECK_EQ(compile("", {"--no-such-option"}).result, 5);
    CHECK_EQ(compile("", {"--gpu-architecture=sm_70"}).result, 5);
}

void test_launch_errors() {
    Array<float> a(2048);
    Handle f = function("fused");
    catch_messages();
    CHECK_EQ(launch(f, {0, 1, 32}, a.at, a.at, a.at, 1, 1.0f), 1);
    CHECK_EQ(launch(f, {1, 1, 2048}, a.at, a.at, a.at, 1, 1.0f), 1);
    CHECK_EQ(launch(f, {1, 70000, 32}, a.at, a.at, a.at, 1, 1.0f), 1);
    CHECK_EQ(launch(f, {1, 1, 512}, a.at, a.at, a.at, 1, 1.0f), 701);
    std::vector<char> host(10000);
    CHECK_EQ(call(cuda, "cuMemcpyDtoH_v2", (void *)host.data(), a.at, (size_t)8193), 1);
    CHECK_EQ(call(cuda, "cuMemcpyHtoD_v2", a.at - 4, (const void *)host.data(), (size_t)4), 1);
    CHECK_EQ(call(cuda, "cuMemFree_v2", a.at + 256), 1);
    CHECK_EQ(call(cuda, "cuMemcpyDtoH_v2", (void *)host.data(), (Pointer)12345, (size_t)4), 1);
    std::string said = caught();
    CHECK(said.find("8193 bytes") != std::string::npos);
    CHECK_EQ(synchronize(), 0);
}

#include "selftest_solver.h"
#include "selftest_wrong.h"

// Host threads that launch at the same time: each needs the context, and fibers go from one to the other.
void test_host_threads() {
    std::vector<std::thread> threads;
    std::vector<float> ones(10000, 1.0f), results(4, 0.0f);
    Handle f = function("block_sum");
    for (int t = 0; t < 4; t++)
        threads.emplace_back([&, t] {
            int bad = call(cuda, "cuCtxSetCurrent", context);
            Pointer a, out;
            float zero = 0;
            bad |= call(cuda, "cuMemAlloc_v2", &a, (size_t)40000) | call(cuda, "cuMemAlloc_v2", &out, (size_t)4);
            bad |= call(cuda, "cuMemcpyHtoD_v2", a, (const void *)ones.data(), (size_t)40000);
            bad |= call(cuda, "cuMemcpyHtoD_v2", out, (const void *)&zero, (size_t)4);
            for (int i = 0; i < 50; i++) bad |= launch(f, {2, 1, 128}, a, out, 10000);
            bad |= call(cuda, "cuMemcpyDtoH_v2", (void *)&results[t], out, (size_t)4);
            bad |= call(cuda, "cuMemFree_v2", a) | call(cuda, "cuMemFree_v2", out);
            if (bad) results[t] = -1;
        });
    for (std::thread &t : threads) t.join();
    for (float r : results) CHECK(r == 500000);
}

int run_again(const char *self, const char *setting, const char *mode) {
    fflush(stdout);
    return system((std::string("env ") + setting + " '" + self + "' " + mode).c_str());
}

int finish(const char *what) {
    unlink(messages_path.c_str());
    printf("%s: %d checks, %d failed\n", what, checks, failures);
    return failures != 0;
}

} // namespace

int main(int count, char **arguments) {
    std::string mode = count > 1 ? arguments[1] : "";
    messages_path = "/tmp/simcuda-selftest-" + std::to_string(getpid());
    if (mode == "--nvrtc") {
        nvrtc = dlopen(count > 2 ? arguments[2] : "libnvrtc.so.13", RTLD_LAZY);
        if (!nvrtc) return printf("%s\n", dlerror()), 1;
        for (const char *arch : {"--gpu-architecture=compute_75", "--gpu-architecture=sm_75", "--gpu-architecture=sm_80", "--gpu-architecture=sm_90"}) {
            Compiled c = compile(kernels_text(), {arch, "--fmad=false"});
            CHECK_EQ(c.result, 0);
            if (c.result) printf("%s\n", c.log.c_str());
        }
        return finish("real NVRTC");
    }
    open_libraries();
    if (mode == "--no-device") {
        CHECK_EQ(call(cuda, "cuInit", 0u), 100);
        return finish("no device");
    }
    if (mode == "--two-devices") {
        test_two_devices();
        return finish("two devices");
    }
    if (mode == "--protected") {
        start();
        test_protected();
        test_elementwise();
        test_memory();
        test_cublas();
        return finish("protected");
    }
    start();
    if (mode == "--races") return test_races(), finish("races");
    if (mode.empty()) test_device(), test_memory();
    test_streams_and_events();
    test_elementwise();
    test_blocks();
    test_globals();
    test_warps();
    test_atomics();
    test_bits();
    test_special();
    test_printf();
    test_occupancy();
    test_compiler();
    test_launch_errors();
    test_cublas(), test_cufft(), test_solver();
    test_host_threads();
    test_wrong_kernels();
    if (!mode.empty()) return finish(mode.c_str() + 2);
    test_time();
    failures += run_again(arguments[0], "SIMCUDA_DEVICES=0", "--no-device") != 0;
    failures += run_again(arguments[0], "SIMCUDA_DEVICES=2 SIMCUDA_MEMORY=1000000", "--two-devices") != 0;
    failures += run_again(arguments[0], "SIMCUDA_THREADS=3", "--threads") != 0;
    failures += run_again(arguments[0], "SIMCUDA_REVERSE=1", "--reverse") != 0;
    failures += run_again(arguments[0], "SIMCUDA_PROTECT=1", "--protected") != 0;
    failures += run_again(arguments[0], "SIMCUDA_RACES=1", "--races") != 0;
    return finish("simulated device");
}
