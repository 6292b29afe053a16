// Part of selftest.cpp: cuSOLVER, and what of cuBLAS goes on from products.

void test_solver() {
    void *cusolver = dlopen("libcusolver.so", RTLD_LAZY), *h = nullptr, *b = nullptr, *params = nullptr;
    CHECK(cusolver != nullptr);
    if (!cusolver) return;
    CHECK_EQ(call(cusolver, "cusolverDnCreate", &h), 0);
    CHECK_EQ(call(cusolver, "cusolverDnCreateParams", &params), 0);
    CHECK_EQ(call(cublas, "cublasCreate_v2", &b), 0);
    Array<int> info(std::vector<int>{9}), pivots(2);
    Array<double> work(100);
    int size = 0;
    // [0 2; 4 1] column after column: its rows change places.
    const std::vector<double> plain = {0, 4, 2, 1};
    Array<double> a(plain), x(std::vector<double>{2, 5});
    CHECK_EQ(call(cusolver, "cusolverDnDgetrf_bufferSize", h, 2, 2, a.at, 2, &size), 0);
    CHECK(size > 0 && size <= 100);
    CHECK_EQ(call(cusolver, "cusolverDnDgetrf", h, 2, 2, a.at, 2, work.at, pivots.at, info.at), 0);
    CHECK(info.get()[0] == 0 && pivots.get()[0] == 2 && pivots.get()[1] == 2);
    CHECK((a.get() == std::vector<double>{4, 0, 1, 2}));
    CHECK_EQ(call(cusolver, "cusolverDnDgetrs", h, 0, 2, 1, a.at, 2, pivots.at, x.at, 2, info.at), 0);
    CHECK((x.get() == std::vector<double>{1, 1}));
    // The same by addresses, of the transpose.
    Array<double> t(plain);
    Array<Pointer> all(std::vector<Pointer>{t.at}), sides(std::vector<Pointer>{x.at});
    int wrong = 9;
    CHECK_EQ(call(cublas, "cublasDgetrfBatched", b, 2, all.at, 2, pivots.at, info.at, 1), 0);
    CHECK_EQ(call(cublas, "cublasDgetrsBatched", b, 1, 2, 1, all.at, 2, pivots.at, sides.at, 2, &wrong, 1), 0);
    CHECK_EQ(wrong, 0);
    CHECK((x.get() == std::vector<double>{0.375, 0.25}));
    // Singular: the first zero of the diagonal.
    t.put({1, 2, 2, 4});
    CHECK_EQ(call(cublas, "cublasDgetrfBatched", b, 2, all.at, 2, pivots.at, info.at, 1), 0);
    CHECK_EQ(info.get()[0], 2);
    // x [2 1; 0 4] = [2 9], for the triangle above.
    double one = 1;
    t.put({2, 77, 1, 4}), x.put({2, 9});
    CHECK_EQ(call(cublas, "cublasDtrsm_v2", b, 1, 1, 0, 0, 1, 2, (const void *)&one, t.at, 2, x.at, 1), 0);
    CHECK((x.get() == std::vector<double>{1, 2}));
    // Cholesky: [4 2; 2 2], and a matrix that has no factor.
    t.put({4, 2, 77, 2});
    CHECK_EQ(call(cusolver, "cusolverDnDpotrfBatched", h, 0, 2, all.at, 2, info.at, 1), 0);
    CHECK((t.get() == std::vector<double>{2, 1, 77, 1}) && info.get()[0] == 0);
    t.put({1, 2, 2, 1});
    CHECK_EQ(call(cusolver, "cusolverDnDpotrfBatched", h, 0, 2, all.at, 2, info.at, 1), 0);
    CHECK_EQ(info.get()[0], 2);
    // QR of [3; 4], its one column from the reflection.
    Array<double> column(std::vector<double>{3, 4}), tau(1);
    size_t device = 0, host = 0;
    CHECK_EQ(call(cusolver, "cusolverDnXgeqrf_bufferSize", h, params, 2ll, 1ll, 1, column.at, 2ll, 1, tau.at, 1, &device, &host), 0);
    Array<char> room(device);
    std::vector<char> own(host);
    CHECK_EQ(call(cusolver, "cusolverDnXgeqrf", h, params, 2ll, 1ll, 1, column.at, 2ll, 1, tau.at, 1, room.at, device, (void *)own.data(), host,
                  info.at), 0);
    CHECK_NEAR(column.get()[0], -5, 1e-15);
    CHECK_NEAR(tau.get()[0], 1.6, 1e-15);
    CHECK_EQ(call(cusolver, "cusolverDnDorgqr_bufferSize", h, 2, 1, 1, column.at, 2, tau.at, &size), 0);
    CHECK_EQ(call(cusolver, "cusolverDnDorgqr", h, 2, 1, 1, column.at, 2, tau.at, work.at, size, info.at), 0);
    CHECK_NEAR(column.get()[0], -0.6, 1e-15);
    CHECK_NEAR(column.get()[1], -0.8, 1e-15);
    // Memory for work that is too small is found out.
    catch_messages();
    CHECK_EQ(call(cusolver, "cusolverDnDorgqr", h, 2, 1, 1, column.at, 2, tau.at, work.at, 0, info.at), 6);
    caught();
    // [2 1; 1 2] has 1 and 3; so has it as a matrix that need not be symmetric.
    Array<double> w(2), v(4);
    t.put({2, 1, 77, 2});
    CHECK_EQ(call(cusolver, "cusolverDnXsyevd_bufferSize", h, params, 1, 0, 2ll, 1, t.at, 2ll, 1, w.at, 1, &device, &host), 0);
    Array<char> room2(device);
    own.resize(host);
    CHECK_EQ(call(cusolver, "cusolverDnXsyevd", h, params, 1, 0, 2ll, 1, t.at, 2ll, 1, w.at, 1, room2.at, device, (void *)own.data(), host,
                  info.at), 0);
    CHECK_NEAR(w.get()[0], 1, 1e-15);
    CHECK_NEAR(w.get()[1], 3, 1e-15);
    CHECK_NEAR(t.get()[2], t.get()[3], 1e-15);
    Array<double> values(4);
    t.put({0, -1, 1, 0});
    CHECK_EQ(call(cusolver, "cusolverDnXgeev_bufferSize", h, params, 0, 1, 2ll, 1, t.at, 2ll, 5, values.at, 1, (Pointer)0, 1ll, 1, v.at, 2ll, 1,
                  &device, &host), 0);
    Array<char> room3(device);
    own.resize(host);
    CHECK_EQ(call(cusolver, "cusolverDnXgeev", h, params, 0, 1, 2ll, 1, t.at, 2ll, 5, values.at, 1, (Pointer)0, 1ll, 1, v.at, 2ll, 1, room3.at,
                  device, (void *)own.data(), host, info.at), 0);
    CHECK_NEAR(values.get()[1], 1, 1e-15);
    CHECK_NEAR(values.get()[3], -1, 1e-15);
    // [3 0; 0 4]: values in order; a nan makes it fail.
    Array<double> u(4);
    void *ways = nullptr;
    CHECK_EQ(call(cusolver, "cusolverDnCreateGesvdjInfo", &ways), 0);
    for (double corner : {3.0, 0.0 / 0.0}) {
        t.put({corner, 0, 0, 4});
        CHECK_EQ(call(cusolver, "cusolverDnDgesvdj_bufferSize", h, 1, 0, 2, 2, t.at, 2, w.at, u.at, 2, v.at, 2, &size, ways), 0);
        CHECK_EQ(call(cusolver, "cusolverDnDgesvdj", h, 1, 0, 2, 2, t.at, 2, w.at, u.at, 2, v.at, 2, work.at, size, info.at, ways), 0);
        CHECK_EQ(info.get()[0], corner == 3 ? 0 : 3);
        if (corner == 3) CHECK_NEAR(w.get()[0], 4, 1e-15);
    }
    CHECK_EQ(call(cusolver, "cusolverDnDestroyGesvdjInfo", ways), 0);
    CHECK_EQ(call(cusolver, "cusolverDnDestroyParams", params), 0);
    CHECK_EQ(call(cusolver, "cusolverDnDestroy", h), 0);
    CHECK_EQ(call(cusolver, "cusolverDnDestroy", h), 1);
    CHECK_EQ(call(cublas, "cublasDestroy_v2", b), 0);
}
