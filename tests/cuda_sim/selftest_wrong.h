// Part of selftest.cpp: kernels that must be found out, and what needs a setting of its own or another library.

// Launches a kernel that goes wrong: the launch itself succeeds, the next calls report `code` until the context
// is renewed, and the message on stderr holds all of the words.
template <class... A>
void goes_wrong(const char *kernel, int code, std::vector<const char *> words, Shape s, A... arguments) {
    Handle f = function(kernel);
    catch_messages();
    CHECK_EQ(launch(f, s, arguments...), 0);
    CHECK_EQ(synchronize(), code);
    Pointer p;
    CHECK_EQ(call(cuda, "cuMemAlloc_v2", &p, (size_t)4), code); // it sticks
    CHECK_EQ(launch(f, s, arguments...), code);
    renew_context();
    std::string said = caught();
    words.push_back(kernel);
    for (const char *word : words) check(said.find(word) != std::string::npos, word, __LINE__, "is not in: " + said);
    CHECK_EQ(synchronize(), 0);
}

void test_wrong_kernels() {
    Pointer a;
    auto room = [&](size_t floats) { CHECK_EQ(call(cuda, "cuMemAlloc_v2", &a, floats * 4), 0); };
    // 100 floats take two times 256 bytes, so the 129th touches the page behind them.
    room(100);
    goes_wrong("no_bound", 700, {"of a block of 400 bytes"}, {3, 1, 64}, a);
    room(100);
    goes_wrong("past_end", 700, {"offset"}, {1, 1, 1}, a, 5000);
    goes_wrong("past_end", 700, {"that has been freed"}, {1, 1, 1}, a, 0);
    goes_wrong("null_pointer", 700, {"next to a null pointer"}, {1, 1, 32}, (Pointer)0);

    std::vector<float> host(64);
    goes_wrong("no_bound", 700, {"argument 0", "the host's memory"}, {1, 1, 64}, (Pointer)host.data());
    CHECK(host[0] == 0);

    // Three floats into the gap before the next 256 bytes: seen when the block is freed.
    room(100);
    catch_messages();
    CHECK_EQ(launch(function("past_end"), {1, 1, 3}, a, 100), 0);
    CHECK_EQ(synchronize(), 0);
    CHECK_EQ(call(cuda, "cuMemFree_v2", a), 700);
    CHECK(caught().find("12 bytes next to it") != std::string::npos);
    CHECK_EQ(synchronize(), 700);
    renew_context();

    room(256);
    goes_wrong("shared_past_end", 700, {"past the end of the 128 bytes of dynamic shared memory"}, {1, 1, 32, 1, 128}, a, 1);
    room(256);
    goes_wrong("array_past_end", 700, {"index 8 lies outside"}, {1, 1, 8}, a, 1);
    room(256);
    goes_wrong("misaligned", 716, {"not aligned to the 16 bytes"}, {1, 1, 1}, a, a);
    room(256);
    goes_wrong("two_barriers", 719, {"deadlock", "two barriers"}, {1, 1, 64}, a);
    room(256);
    goes_wrong("barrier_and_shuffle", 719, {"deadlock", "8 in __syncthreads", "__shfl_sync", "with mask 0xffffffff"}, {1, 1, 32}, a);
    room(256);
    goes_wrong("mask_without_self", 719, {"does not name the calling lane"}, {1, 1, 32}, a);
    room(256);
    goes_wrong("mask_with_ended", 719, {"whose thread has ended"}, {1, 1, 32}, a, 20);
    room(256);
    goes_wrong("bad_width", 719, {"the width 12"}, {1, 1, 32}, a);
    room(256);
    goes_wrong("traps", 719, {"__trap()", "thread (5,0,0)"}, {1, 1, 32}, a);
    room(256);
    goes_wrong("asserts", 710, {"assertion `threadIdx.x < 7` failed", "selftest.cu:"}, {1, 1, 32}, a);
    room(256);
    goes_wrong("endless_recursion", 714, {"stack overflow"}, {1, 1, 1}, a, 1 << 20);
    room(256);
    goes_wrong("divides", 719, {"divided by zero"}, {1, 1, 1}, a, 0);

    // And after all that good kernels still run.
    room(64);
    CHECK_EQ(launch(function("deep"), {1, 1, 64}, a, 3), 0);
    CHECK_EQ(synchronize(), 0);
    test_blocks();
}

// Run with SIMCUDA_RACES=1: kernels that are right but for one thing, and right with it.
void test_races() {
    for (const char *kernel : {"race_barrier", "race_warp", "race_again", "race_blocks", "race_same", "race_atomic", "race_fence"}) {
        Pointer a;
        auto room = [&] {
            CHECK_EQ(call(cuda, "cuMemAlloc_v2", &a, (size_t)1024), 0);
            CHECK_EQ(call(cuda, "cuMemsetD8_v2", a, (unsigned char)0, (size_t)1024), 0);
        };
        room();
        goes_wrong(kernel, 719, {"race at address", "selftest.cu:", "by thread"}, {2, 1, 64}, a, 0);
        room();
        CHECK_EQ(launch(function(kernel), {2, 1, 64}, a, 1), 0);
        CHECK_EQ(synchronize(), 0);
    }
}

void test_two_devices() {
    int n = 0;
    Handle first, second;
    Pointer a, b, c;
    std::vector<int> v = {1, 2, 3}, w(3);
    CHECK_EQ(call(cuda, "cuInit", 0u), 0);
    CHECK_EQ(call(cuda, "cuDeviceGetCount", &n), 0);
    CHECK_EQ(n, 2);
    CHECK_EQ(call(cuda, "cuMemAlloc_v2", &a, (size_t)4), 201); // no context yet
    CHECK_EQ(call(cuda, "cuDevicePrimaryCtxRetain", &first, 0), 0);
    CHECK_EQ(call(cuda, "cuDevicePrimaryCtxRetain", &second, 1), 0);
    CHECK_EQ(call(cuda, "cuCtxSetCurrent", first), 0);
    CHECK_EQ(call(cuda, "cuMemAlloc_v2", &a, (size_t)600000), 0);
    CHECK_EQ(call(cuda, "cuMemAlloc_v2", &c, (size_t)600000), 2); // that memory is used up
    CHECK_EQ(call(cuda, "cuCtxPushCurrent_v2", second), 0);
    CHECK_EQ(call(cuda, "cuCtxGetDevice", &n), 0);
    CHECK_EQ(n, 1);
    CHECK_EQ(call(cuda, "cuMemAlloc_v2", &b, (size_t)600000), 0);
    CHECK_EQ(call(cuda, "cuMemcpyHtoD_v2", a, (const void *)v.data(), (size_t)12), 0);
    CHECK_EQ(call(cuda, "cuMemcpyPeer", b, second, a, first, (size_t)12), 0);
    CHECK_EQ(call(cuda, "cuMemcpyDtoH_v2", (void *)w.data(), b, (size_t)12), 0);
    CHECK(v == w);
    CHECK_EQ(call(cuda, "cuCtxPopCurrent_v2", &second), 0);
    CHECK_EQ(call(cuda, "cuMemFree_v2", a), 0);
    CHECK_EQ(call(cuda, "cuMemAlloc_v2", &c, (size_t)600000), 0);
}

// With SIMCUDA_PROTECT=1 the host cannot touch device memory by mistake.
void test_protected() {
    Array<int> a(16);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        int nothing = open("/dev/null", O_WRONLY);
        dup2(nothing, 2);
        *(volatile int *)a.at = 1;
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

// The plain product, for comparison: column after column, with the letters of BLAS.
template <class T> std::vector<T> product(bool ta, bool tb, int m, int n, int k, const std::vector<T> &a, const std::vector<T> &b) {
    std::vector<T> c(m * n);
    for (int j = 0; j < n; j++)
        for (int i = 0; i < m; i++)
            for (int l = 0; l < k; l++) c[i + j * m] += (ta ? a[l + i * k] : a[i + l * m]) * (tb ? b[j + l * n] : b[l + j * k]);
    return c;
}

void test_cublas() {
    Handle h;
    CHECK_EQ(call(cublas, "cublasCreate_v2", &h), 0);
    CHECK_EQ(call(cublas, "cublasSetStream_v2", h, (void *)nullptr), 0);
    int m = 5, n = 3, k = 7, mode = -1;
    CHECK_EQ(call(cublas, "cublasSetMathMode", h, 3), 0);
    CHECK_EQ(call(cublas, "cublasGetMathMode", h, &mode), 0);
    CHECK_EQ(mode, 3);
    std::vector<float> a(m * k), b(k * n), nan(m * n, NAN);
    for (size_t i = 0; i < a.size(); i++) a[i] = (float)(i % 9) - 4;
    for (size_t i = 0; i < b.size(); i++) b[i] = (float)(i % 5) - 1;
    Array<float> da(a), db(b), dc(nan);
    float one = 1, zero = 0, two = 2;
    for (int ta = 0; ta < 2; ta++)
        for (int tb = 0; tb < 2; tb++) {
            dc.put(nan);
            CHECK_EQ(call(cublas, "cublasSgemm_v2", h, ta, tb, m, n, k, (const float *)&one, da.at, ta ? k : m, db.at, tb ? n : k,
                          (const float *)&zero, dc.at, m), 0);
            CHECK(dc.get() == product(ta, tb, m, n, k, a, b));
        }
    // alpha and beta, and two matrices at a time, one of them the same for both.
    std::vector<float> plain = product(false, false, m, n, k, a, b), twice(2 * m * n, 1);
    Array<float> dd(twice);
    CHECK_EQ(call(cublas, "cublasSgemmStridedBatched", h, 0, 0, m, n, k, (const float *)&two, da.at, m, 0ll, db.at, k, 0ll,
                  (const float *)&two, dd.at, m, (long long)(m * n), 2), 0);
    twice = dd.get();
    CHECK(twice[m * n + 4] == 2 * plain[4] + 2 && twice[0] == 2 * plain[0] + 2);
    // 16-bit numbers: 1.5 is 0x3e00 as a half and 0x3fc0 as a bfloat16; the result is float.
    for (int type : {2, 14}) {
        Array<unsigned short> x(std::vector<unsigned short>(4, type == 2 ? 0x3e00 : 0x3fc0)), y(4);
        Array<float> z(4);
        CHECK_EQ(call(cublas, "cublasGemmEx", h, 0, 1, 2, 2, 2, (const void *)&one, x.at, type, 2, x.at, type, 2, (const void *)&zero,
                      z.at, 0, 2, 68, -1), 0);
        CHECK(z.get()[3] == 4.5f);
        CHECK_EQ(call(cublas, "cublasGemmStridedBatchedEx", h, 0, 1, 2, 2, 2, (const void *)&one, x.at, type, 2, 0ll, x.at, type, 2, 0ll,
                      (const void *)&zero, y.at, type, 2, 0ll, 1, 68, -1), 0);
        CHECK_EQ(y.get()[1], type == 2 ? 0x4480 : 0x4090);
    }
    // (1+2i)(3-i) = 5+5i, and with the conjugate of the first: 1-7i.
    double i1[2] = {1, 0}, i0[2] = {0, 0};
    Array<double> p(std::vector<double>{1, 2}), q(std::vector<double>{3, -1}), r(2);
    CHECK_EQ(call(cublas, "cublasZgemm_v2", h, 0, 0, 1, 1, 1, (const void *)i1, p.at, 1, q.at, 1, (const void *)i0, r.at, 1), 0);
    CHECK(r.get()[0] == 5 && r.get()[1] == 5);
    CHECK_EQ(call(cublas, "cublasZgemm_v2", h, 2, 0, 1, 1, 1, (const void *)i1, p.at, 1, q.at, 1, (const void *)i0, r.at, 1), 0);
    CHECK(r.get()[0] == 1 && r.get()[1] == -7);
    // Matrix times vector, both ways round.
    Array<float> x(std::vector<float>(b.begin(), b.begin() + 7)), y(5), x5(std::vector<float>(b.begin(), b.begin() + 5)), y7(7);
    CHECK_EQ(call(cublas, "cublasSgemv_v2", h, 0, 5, 7, (const float *)&one, da.at, 5, x.at, 1, (const float *)&zero, y.at, 1), 0);
    CHECK(y.get() == product(false, false, 5, 1, 7, a, x.get()));
    CHECK_EQ(call(cublas, "cublasSgemv_v2", h, 1, 5, 7, (const float *)&one, da.at, 5, x5.at, 1, (const float *)&zero, y7.at, 1), 0);
    CHECK(y7.get() == product(true, false, 7, 1, 5, a, x5.get()));
    // Wrong calls.
    catch_messages();
    CHECK_EQ(call(cublas, "cublasSgemm_v2", h, 0, 0, m, n, k, (const float *)&one, da.at, m - 1, db.at, k, (const float *)&zero, dc.at, m), 7);
    CHECK_EQ(call(cublas, "cublasSgemm_v2", h, 0, 0, m, n, k + 1, (const float *)&one, da.at, m, db.at, k + 1, (const float *)&zero, dc.at, m), 13);
    CHECK_EQ(call(cublas, "cublasGemmEx", h, 0, 0, 1, 1, 1, (const void *)&one, da.at, 0, 1, db.at, 0, 1, (const void *)&zero, dc.at, 1, 1, 68, -1), 15);
    caught();
    CHECK_EQ(call(cublas, "cublasDestroy_v2", h), 0);
    CHECK_EQ(call(cublas, "cublasDestroy_v2", h), 1);
}

// Not a check of speed, but of nothing being absurdly slow.
void test_time() {
    int n = 1000000;
    Array<float> a(n), b(n), out(n);
    Handle f = function("fused");
    auto seconds = [&](Shape s, int count) {
        auto begin = std::chrono::steady_clock::now();
        CHECK_EQ(launch(f, s, a.at, b.at, out.at, count, 1.0f), 0);
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    };
    double best = 1, tiny = 1;
    for (int i = 0; i < 5; i++) best = std::fmin(best, seconds({64, 1, 256}, n));
    for (int i = 0; i < 20; i++) tiny = std::fmin(tiny, seconds({1, 1, 32}, 32));
    printf("elementwise, 1000000 numbers: %.1f ms; tiny launch: %.1f us\n", best * 1e3, tiny * 1e6);
    CHECK(best < 1 && tiny < 1e-3);
}

// Real signals of five numbers that lie three apart, two of them, there and back.
void test_cufft() {
    void *cufft = dlopen("libcufft.so", RTLD_LAZY);
    CHECK(cufft != nullptr);
    if (!cufft) return;
    std::vector<double> signal(16, 9);
    for (int b = 0; b < 2; b++)
        for (int i = 0; i < 5; i++) signal[b + 3 * i] = i * i - 3 * b;
    Array<double> in(signal), bins(12), back(10);
    long long n = 5, whole = 5, half = 3;
    size_t work;
    int there, here;
    CHECK_EQ(call(cufft, "cufftCreate", &there), 0);
    CHECK_EQ(call(cufft, "cufftMakePlanMany64", there, 1, &n, &whole, 3ll, 1ll, &half, 1ll, 3ll, 106, 2ll, &work), 0);
    CHECK_EQ(call(cufft, "cufftCreate", &here), 0);
    CHECK_EQ(call(cufft, "cufftMakePlanMany64", here, 1, &n, &half, 1ll, 3ll, &whole, 1ll, 5ll, 108, 2ll, &work), 0);
    CHECK_EQ(call(cufft, "cufftExecD2Z", there, in.at, bins.at), 0);
    CHECK(bins.get()[0] == 30 && bins.get()[1] == 0 && bins.get()[6] == 15 && std::abs(bins.get()[3] - 17.204774005889668) < 1e-9);
    CHECK_EQ(call(cufft, "cufftExecZ2D", here, bins.at, back.at), 0);
    for (int b = 0; b < 2; b++)
        for (int i = 0; i < 5; i++) CHECK(std::abs(back.get()[5 * b + i] - 5 * signal[b + 3 * i]) < 1e-12);
    CHECK(std::isnan(bins.get()[0]));
    // Another type's plan, an address between two numbers, and no plan.
    CHECK_EQ(call(cufft, "cufftExecZ2Z", there, in.at, bins.at, -1), 3);
    CHECK_EQ(call(cufft, "cufftExecD2Z", there, in.at + 8, bins.at), 9);
    CHECK_EQ(call(cufft, "cufftDestroy", there), 0);
    CHECK_EQ(call(cufft, "cufftExecD2Z", there, in.at, bins.at), 1);
    CHECK_EQ(call(cufft, "cufftDestroy", here), 0);
    // i, -1 of single precision in a plane of two by two, in place: C2C.
    Array<float> plane(std::vector<float>{0, 1, 0, 0, -1, 0, 0, 0});
    int sizes[2] = {2, 2};
    CHECK_EQ(call(cufft, "cufftPlanMany", &here, 2, &sizes[0], (int *)nullptr, 1, 0, (int *)nullptr, 1, 0, 41, 1), 0);
    CHECK_EQ(call(cufft, "cufftExecC2C", here, plane.at, plane.at, 1), 0);
    CHECK((plane.get() == std::vector<float>{-1, 1, -1, 1, 1, 1, 1, 1}));
    CHECK_EQ(call(cufft, "cufftDestroy", here), 0);
}
