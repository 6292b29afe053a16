// Factorizations in their plainest form, for the stand-ins of cuBLAS and cuSOLVER: LU, Cholesky, QR and what is solved by them
// step for step as LAPACK's unblocked routines have them, in the numbers' own precision; eigenvalues and singular values by Jacobi's
// method and by shifted QR in long double, whatever the algorithm that is asked for.
#ifndef SIMCUDA_LAPACK_H
#define SIMCUDA_LAPACK_H

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <utility>
#include <vector>

namespace lapack {

typedef std::complex<long double> Wide;

template <class S> struct Number {
    typedef S Real;
    static const bool complex = false;
    static S conj(S x) { return x; }
    static S make(Wide z) { return (S)z.real(); }
};
template <class F> struct Number<std::complex<F>> {
    typedef F Real;
    static const bool complex = true;
    static std::complex<F> conj(std::complex<F> x) { return std::conj(x); }
    static std::complex<F> make(Wide z) { return std::complex<F>((F)z.real(), (F)z.imag()); }
};

template <class S> typename Number<S>::Real real(S x) { return std::real(x); }
template <class S> typename Number<S>::Real taxicab(S x) { return std::abs(std::real(x)) + std::abs(std::imag(x)); }
template <class F> bool finite(std::complex<F> x) { return std::isfinite(x.real()) && std::isfinite(x.imag()); }
inline bool finite(float x) { return std::isfinite(x); }
inline bool finite(double x) { return std::isfinite(x); }
template <class F> bool none(std::complex<F> x) { return std::isnan(x.real()) || std::isnan(x.imag()); }
inline bool none(float x) { return std::isnan(x); }
inline bool none(double x) { return std::isnan(x); }

// A matrix in memory, perhaps seen transposed or conjugated.
template <class S> struct Matrix {
    S *data;
    long long down, right;
    bool conjugate;
    Matrix(S *data, long long lead) : data(data), down(1), right(lead), conjugate(false) {}
    Matrix(S *data, long long down, long long right, bool conjugate) : data(data), down(down), right(right), conjugate(conjugate) {}
    S get(long long i, long long j) const {
        S x = data[i * down + j * right];
        return conjugate ? Number<S>::conj(x) : x;
    }
    void set(long long i, long long j, S x) const { data[i * down + j * right] = conjugate ? Number<S>::conj(x) : x; }
    // op(A), with op as cuBLAS counts: nothing, transposed, adjoint.
    Matrix turned(int op) const { return op ? Matrix(data, right, down, conjugate != (op == 2)) : *this; }
    Matrix part(long long i, long long j) const { return Matrix(data + i * down + j * right, down, right, conjugate); }
    void swap_rows(long long i, long long j, long long columns) const {
        for (long long k = 0; i != j && k < columns; k++) std::swap(data[i * down + k * right], data[j * down + k * right]);
    }
};

// ---- LU -----------------------------------------------------------------------------------------------------------

template <class S> int lu(Matrix<S> a, int m, int n, int *pivots) {
    int info = 0;
    for (int k = 0; k < m && k < n; k++) {
        int at = k;
        for (int i = k + 1; pivots && i < m; i++)
            if (taxicab(a.get(i, k)) > taxicab(a.get(at, k))) at = i;
        if (pivots) pivots[k] = at + 1;
        if (a.get(at, k) == S(0)) {
            if (!info) info = k + 1;
            if (pivots) continue;
        }
        a.swap_rows(k, at, n);
        S inverse = S(1) / a.get(k, k);
        for (int i = k + 1; i < m; i++) a.set(i, k, a.get(i, k) * inverse);
        for (int j = k + 1; j < n; j++)
            for (int i = k + 1; i < m; i++) a.set(i, j, a.get(i, j) - a.get(i, k) * a.get(k, j));
    }
    return info;
}

// t x = b in place for the triangle of t that is meant.
template <class S> void substitute(Matrix<S> t, int n, bool upper, bool unit, Matrix<S> b, int columns) {
    for (int c = 0; c < columns; c++)
        for (int s = 0; s < n; s++) {
            int k = upper ? n - 1 - s : s;
            S x = b.get(k, c);
            if (!unit) b.set(k, c, x = x / t.get(k, k));
            for (int r = s + 1; r < n; r++) {
                int i = upper ? n - 1 - r : r;
                b.set(i, c, b.get(i, c) - x * t.get(i, k));
            }
        }
}

// op(t) x = b, or x op(t) = b, where `upper` says which triangle of t itself is meant.
template <class S> void triangle(Matrix<S> t, int op, bool left, bool upper, bool unit, Matrix<S> b, int m, int n) {
    bool above = upper != (op != 0);
    if (left) return substitute(t.turned(op), m, above, unit, b, n);
    substitute(t.turned(op).turned(1), n, !above, unit, b.turned(1), m);
}

template <class S> void lu_solve(Matrix<S> a, int n, const int *pivots, int op, Matrix<S> b, int columns) {
    auto exchange = [&](int k) {
        int at = pivots ? pivots[k] - 1 : k;
        if (at >= 0 && at < n) b.swap_rows(k, at, columns);
    };
    if (op) {
        triangle(a, op, true, true, false, b, n, columns);
        triangle(a, op, true, false, true, b, n, columns);
        for (int k = n - 1; k >= 0; k--) exchange(k);
    } else {
        for (int k = 0; k < n; k++) exchange(k);
        triangle(a, 0, true, false, true, b, n, columns);
        triangle(a, 0, true, true, false, b, n, columns);
    }
}

// ---- Cholesky -----------------------------------------------------------------------------------------------------

template <class S> int cholesky(Matrix<S> a, int n, bool upper) {
    typedef typename Number<S>::Real F;
    Matrix<S> l = upper ? a.turned(2) : a;
    for (int j = 0; j < n; j++) {
        std::vector<S> sums(n, S(0));
        for (int k = 0; k < j; k++)
            for (int i = j; i < n; i++) sums[i] += Number<S>::conj(l.get(j, k)) * l.get(i, k);
        F d = real(l.get(j, j)) - real(sums[j]);
        l.set(j, j, S(d));
        if (!(d > F(0))) return j + 1;
        F root = std::sqrt(d);
        l.set(j, j, S(root));
        for (int i = j + 1; i < n; i++) l.set(i, j, (l.get(i, j) - sums[i]) / root);
    }
    return 0;
}

template <class S> void cholesky_solve(Matrix<S> a, int n, bool upper, Matrix<S> b, int columns) {
    triangle(a, upper ? 2 : 0, true, upper, false, b, n, columns);
    triangle(a, upper ? 0 : 2, true, upper, false, b, n, columns);
}

// ---- reflections --------------------------------------------------------------------------------------------------

// Applies 1 - tau v v^H to rows from..m of c, where v stands in column `k` of a with 1 in its place on the diagonal.
template <class S> void reflect(Matrix<S> a, int k, S tau, Matrix<S> c, int m, int first, int columns) {
    for (int j = first; j < columns; j++) {
        S sum = c.get(k, j);
        for (int i = k + 1; i < m; i++) sum += Number<S>::conj(a.get(i, k)) * c.get(i, j);
        sum *= tau;
        c.set(k, j, c.get(k, j) - sum);
        for (int i = k + 1; i < m; i++) c.set(i, j, c.get(i, j) - a.get(i, k) * sum);
    }
}

template <class S> void qr(Matrix<S> a, int m, int n, S *taus) {
    typedef typename Number<S>::Real F;
    for (int k = 0; k < m && k < n; k++) {
        S alpha = a.get(k, k);
        long double squares = 0;
        for (int i = k + 1; i < m; i++) squares += std::norm(Wide(a.get(i, k)));
        if (squares == 0 && std::imag(alpha) == 0) {
            taus[k] = S(0);
            continue;
        }
        F size = (F)std::sqrt(squares + std::norm(Wide(alpha)));
        F beta = std::signbit(std::real(alpha)) ? size : -size;
        taus[k] = (S(beta) - alpha) / beta;
        S scale = S(1) / (alpha - S(beta));
        for (int i = k + 1; i < m; i++) a.set(i, k, a.get(i, k) * scale);
        a.set(k, k, S(beta));
        reflect(a, k, Number<S>::conj(taus[k]), a, m, k + 1, n);
    }
}

// The first n columns of the product of k reflections, in their place.
template <class S> void product(Matrix<S> a, int m, int n, int k, const S *taus) {
    std::vector<S> kept((size_t)m * k);
    Matrix<S> v(kept.data(), m);
    for (int j = 0; j < k; j++)
        for (int i = 0; i < m; i++) v.set(i, j, a.get(i, j));
    for (int j = 0; j < n; j++)
        for (int i = 0; i < m; i++) a.set(i, j, S(i == j));
    for (int j = k - 1; j >= 0; j--) {
        reflect(v, j, taus[j], a, m, j + 1, n);
        a.set(j, j, S(1) - taus[j]);
        for (int i = j + 1; i < m; i++) a.set(i, j, -taus[j] * v.get(i, j));
    }
}

template <class S> void apply(Matrix<S> a, int k, const S *taus, bool left, int op, Matrix<S> c, int m, int n) {
    // c q is the adjoint of q^H c^H.
    Matrix<S> x = left ? c : c.turned(2);
    int rows = left ? m : n, columns = left ? n : m;
    bool adjoint = left == (op != 0);
    for (int s = 0; s < k; s++) {
        int j = adjoint ? s : k - 1 - s;
        reflect(a, j, adjoint ? Number<S>::conj(taus[j]) : taus[j], x, rows, 0, columns);
    }
}

// ---- symmetric matrices: Bunch and Kaufman's pivots, of the lower triangle -------------------------------------------

template <class S> int ldl(Matrix<S> a, int n, int *pivots) {
    typedef typename Number<S>::Real F;
    const F alpha = (1 + std::sqrt(F(17))) / 8;
    int info = 0;
    for (int k = 0; k < n;) {
        int step = 1, at = k, most = k;
        F own = taxicab(a.get(k, k)), largest = 0;
        for (int i = k + 1; i < n; i++)
            if (taxicab(a.get(i, k)) > largest) largest = taxicab(a.get(i, k)), most = i;
        if (std::max(own, largest) == 0 || own != own) {
            if (!info) info = k + 1;
        } else {
            if (own < alpha * largest) {
                F row = 0;
                for (int j = k; j < n; j++)
                    if (j != most) row = std::max(row, taxicab(j < most ? a.get(most, j) : a.get(j, most)));
                if (own >= alpha * largest * (largest / row)) at = k;
                else if (taxicab(a.get(most, most)) >= alpha * row) at = most;
                else at = most, step = 2;
            }
            int to = k + step - 1;
            if (at != to) {
                for (int i = at + 1; i < n; i++) std::swap(a.data[i * a.down + to * a.right], a.data[i * a.down + at * a.right]);
                for (int j = to + 1; j < at; j++) std::swap(a.data[j * a.down + to * a.right], a.data[at * a.down + j * a.right]);
                std::swap(a.data[to * (a.down + a.right)], a.data[at * (a.down + a.right)]);
                if (step == 2) std::swap(a.data[(k + 1) * a.down + k * a.right], a.data[at * a.down + k * a.right]);
            }
            if (step == 1) {
                S inverse = S(1) / a.get(k, k);
                for (int j = k + 1; j < n; j++)
                    for (int i = j; i < n; i++) a.set(i, j, a.get(i, j) - a.get(i, k) * inverse * a.get(j, k));
                for (int i = k + 1; i < n; i++) a.set(i, k, a.get(i, k) * inverse);
            } else {
                S d21 = a.get(k + 1, k), d11 = a.get(k + 1, k + 1) / d21, d22 = a.get(k, k) / d21;
                S t = S(1) / (d11 * d22 - S(1));
                d21 = t / d21;
                for (int j = k + 2; j < n; j++) {
                    S one = d21 * (d11 * a.get(j, k) - a.get(j, k + 1)), two = d21 * (d22 * a.get(j, k + 1) - a.get(j, k));
                    for (int i = j; i < n; i++) a.set(i, j, a.get(i, j) - a.get(i, k) * one - a.get(i, k + 1) * two);
                    a.set(j, k, one);
                    a.set(j, k + 1, two);
                }
            }
        }
        pivots[k] = step == 1 ? at + 1 : -(at + 1);
        if (step == 2) pivots[k + 1] = pivots[k];
        k += step;
    }
    return info;
}

template <class S> void ldl_solve(Matrix<S> a, int n, const long long *pivots, Matrix<S> b, int columns) {
    auto down = [&](int k, int from) {
        for (int c = 0; c < columns; c++)
            for (int i = from; i < n; i++) b.set(i, c, b.get(i, c) - a.get(i, k) * b.get(k, c));
    };
    for (int k = 0; k < n;) {
        if (pivots[k] > 0) {
            b.swap_rows(k, pivots[k] - 1, columns);
            down(k, k + 1);
            for (int c = 0; c < columns; c++) b.set(k, c, b.get(k, c) / a.get(k, k));
            k++;
            continue;
        }
        b.swap_rows(k + 1, -pivots[k] - 1, columns);
        down(k, k + 2), down(k + 1, k + 2);
        S side = a.get(k + 1, k), one = a.get(k, k) / side, two = a.get(k + 1, k + 1) / side, t = one * two - S(1);
        for (int c = 0; c < columns; c++) {
            S x = b.get(k, c) / side, y = b.get(k + 1, c) / side;
            b.set(k, c, (two * x - y) / t);
            b.set(k + 1, c, (one * y - x) / t);
        }
        k += 2;
    }
    auto up = [&](int k, int from) {
        for (int c = 0; c < columns; c++) {
            S sum = b.get(k, c);
            for (int i = from; i < n; i++) sum -= a.get(i, k) * b.get(i, c);
            b.set(k, c, sum);
        }
    };
    for (int k = n - 1; k >= 0;) {
        up(k, k + 1);
        if (pivots[k] > 0) {
            b.swap_rows(k, pivots[k] - 1, columns);
            k--;
        } else {
            up(k - 1, k + 1);
            b.swap_rows(k, -pivots[k] - 1, columns);
            k -= 2;
        }
    }
}

// ---- spectra, in long double ----------------------------------------------------------------------------------------

typedef std::vector<std::vector<Wide>> Table; // column after column

// Eigenvalues, smallest first, of a Hermitian matrix, which becomes their vectors. The last number of each is made real and positive.
inline std::vector<long double> hermitian(Table &a) {
    const size_t n = a.size();
    Table v(n, std::vector<Wide>(n));
    for (size_t i = 0; i < n; i++) v[i][i] = 1;
    for (int sweep = 0; sweep < 60; sweep++) {
        long double rest = 0, whole = 0;
        for (size_t j = 0; j < n; j++)
            for (size_t i = 0; i < n; i++) (i == j ? whole : rest) += std::norm(a[j][i]);
        if (rest <= whole * 1e-36L) break;
        for (size_t p = 0; p < n; p++)
            for (size_t q = p + 1; q < n; q++) {
                long double size = std::abs(a[q][p]);
                if (size == 0) continue;
                Wide turn = a[q][p] / size;
                long double theta = (a[q][q].real() - a[p][p].real()) / (2 * size);
                long double t = (theta < 0 ? -1 : 1) / (std::abs(theta) + std::sqrt(theta * theta + 1));
                long double c = 1 / std::sqrt(t * t + 1), s = t * c;
                auto rotate = [&](Table &x) {
                    for (size_t i = 0; i < n; i++) {
                        Wide one = x[p][i], two = x[q][i];
                        x[p][i] = c * one - s * std::conj(turn) * two;
                        x[q][i] = s * turn * one + c * two;
                    }
                };
                rotate(a), rotate(v);
                for (size_t j = 0; j < n; j++) {
                    Wide one = a[j][p], two = a[j][q];
                    a[j][p] = c * one - s * turn * two;
                    a[j][q] = s * std::conj(turn) * one + c * two;
                }
            }
    }
    std::vector<std::pair<long double, size_t>> order;
    for (size_t i = 0; i < n; i++) order.push_back({a[i][i].real(), i});
    std::stable_sort(order.begin(), order.end(), [](auto &x, auto &y) { return x.first < y.first; });
    std::vector<long double> values;
    for (size_t k = 0; k < n; k++) {
        values.push_back(order[k].first);
        a[k] = v[order[k].second];
        for (size_t i = n; i-- > 0;)
            if (std::abs(a[k][i]) > 1e-15L) {
                Wide turn = std::conj(a[k][i]) / std::abs(a[k][i]);
                for (Wide &x : a[k]) x *= turn;
                break;
            }
    }
    return values;
}

// Adds columns to some that are orthonormal until there are `count`.
inline void complete(Table &columns, size_t rows, size_t count) {
    for (size_t unit = 0; columns.size() < count && unit < rows; unit++) {
        std::vector<Wide> x(rows);
        x[unit] = 1;
        for (int again = 0; again < 2; again++)
            for (auto &y : columns) {
                Wide dot = 0;
                for (size_t i = 0; i < rows; i++) dot += std::conj(y[i]) * x[i];
                for (size_t i = 0; i < rows; i++) x[i] -= dot * y[i];
            }
        long double size = 0;
        for (Wide z : x) size += std::norm(z);
        if (size < 1e-3L / rows) continue;
        for (Wide &z : x) z /= std::sqrt(size);
        columns.push_back(x);
    }
}

// Singular values, largest first, of n columns of m >= n rows; u and v get as many columns as are asked for.
inline std::vector<long double> singular(Table a, size_t m, Table &u, Table &v, size_t of_u) {
    const size_t n = a.size();
    v.assign(n, std::vector<Wide>(n));
    for (size_t i = 0; i < n; i++) v[i][i] = 1;
    for (int sweep = 0; sweep < 60; sweep++) {
        bool turned = false;
        for (size_t p = 0; p < n; p++)
            for (size_t q = p + 1; q < n; q++) {
                long double one = 0, two = 0;
                Wide both = 0;
                for (size_t i = 0; i < m; i++) {
                    one += std::norm(a[p][i]), two += std::norm(a[q][i]);
                    both += std::conj(a[p][i]) * a[q][i];
                }
                long double size = std::abs(both);
                if (size <= 1e-17L * std::sqrt(one * two) || size == 0) continue;
                turned = true;
                Wide turn = both / size;
                long double theta = (two - one) / (2 * size);
                long double t = (theta < 0 ? -1 : 1) / (std::abs(theta) + std::sqrt(theta * theta + 1));
                long double c = 1 / std::sqrt(t * t + 1), s = t * c;
                auto rotate = [&](Table &x) {
                    for (size_t i = 0; i < x[p].size(); i++) {
                        Wide l = x[p][i], r = x[q][i];
                        x[p][i] = c * l - s * std::conj(turn) * r;
                        x[q][i] = s * turn * l + c * r;
                    }
                };
                rotate(a), rotate(v);
            }
        if (!turned) break;
    }
    std::vector<std::pair<long double, size_t>> order;
    for (size_t j = 0; j < n; j++) {
        long double size = 0;
        for (Wide z : a[j]) size += std::norm(z);
        order.push_back({std::sqrt(size), j});
    }
    std::stable_sort(order.begin(), order.end(), [](auto &x, auto &y) { return x.first > y.first; });
    std::vector<long double> values;
    Table right;
    u.clear();
    for (auto &o : order) {
        values.push_back(o.first);
        right.push_back(v[o.second]);
        if (o.first <= 1e-19L * order[0].first) continue;
        u.push_back(a[o.second]);
        for (Wide &z : u.back()) z /= o.first;
    }
    v = right;
    complete(u, m, of_u);
    return values;
}

// Eigenvalues of a square matrix, by the shifted QR algorithm on its Hessenberg form, and vectors of length one whose largest number is
// real; false where it does not end.
inline bool general(Table a, std::vector<Wide> &values, Table &vectors) {
    const int n = (int)a.size();
    Table q(n, std::vector<Wide>(n));
    for (int i = 0; i < n; i++) q[i][i] = 1;
    // Turns rows p and r of a as it takes to make x, y of them size, 0; and columns back, those of q, too.
    struct Turn {
        int p, r;
        Wide c, s;
    };
    auto rows = [&](int p, int r, Wide x, Wide y) {
        long double size = std::sqrt(std::norm(x) + std::norm(y));
        Turn t = {p, r, size == 0 ? 1 : x / size, size == 0 ? 0 : y / size};
        for (int j = 0; j < n; j++) {
            Wide one = a[j][p], two = a[j][r];
            a[j][p] = std::conj(t.c) * one + std::conj(t.s) * two;
            a[j][r] = t.c * two - t.s * one;
        }
        return t;
    };
    auto columns = [&](const Turn &t) {
        for (Table *x : {&a, &q})
            for (int i = 0; i < n; i++) {
                Wide one = (*x)[t.p][i], two = (*x)[t.r][i];
                (*x)[t.p][i] = t.c * one + t.s * two;
                (*x)[t.r][i] = std::conj(t.c) * two - std::conj(t.s) * one;
            }
    };
    for (int k = 0; k + 2 < n; k++)
        for (int i = n - 1; i > k + 1; i--) columns(rows(i - 1, i, a[k][i - 1], a[k][i])), a[k][i] = 0;
    long double norm = 0;
    for (auto &column : a)
        for (Wide z : column) norm += std::norm(z);
    norm = std::sqrt(norm);
    for (int high = n - 1, rounds = 0; high > 0;) {
        int low = high;
        while (low > 0 && std::abs(a[low - 1][low]) > 1e-18L * (std::abs(a[low][low]) + std::abs(a[low - 1][low - 1])) + 1e-20L * norm) low--;
        if (low > 0) a[low - 1][low] = 0;
        if (low == high) {
            high--, rounds = 0;
            continue;
        }
        if (++rounds > 300) return false;
        Wide x = a[high - 1][high - 1], y = a[high][high], off = a[high][high - 1] * a[high - 1][high];
        Wide root = std::sqrt((x - y) * (x - y) / 4.0L + off), mean = (x + y) / 2.0L;
        Wide shift = std::abs(mean + root - y) < std::abs(mean - root - y) ? mean + root : mean - root;
        if (rounds % 11 == 10) shift += std::abs(a[high - 1][high]);
        std::vector<Turn> turns;
        for (int k = low; k <= high; k++) a[k][k] -= shift;
        for (int k = low; k < high; k++) turns.push_back(rows(k, k + 1, a[k][k], a[k][k + 1])), a[k][k + 1] = 0;
        for (auto &turn : turns) columns(turn);
        for (int k = low; k <= high; k++) a[k][k] += shift;
    }
    values.clear(), vectors.clear();
    for (int k = 0; k < n; k++) {
        values.push_back(a[k][k]);
        std::vector<Wide> x(n), out(n);
        x[k] = 1;
        for (int i = k - 1; i >= 0; i--) {
            Wide sum = a[k][i];
            for (int j = i + 1; j < k; j++) sum += a[j][i] * x[j];
            Wide gap = a[k][k] - a[i][i];
            long double least = 1e-19L * (std::abs(a[k][k]) + std::abs(a[i][i])) + 1e-300L;
            x[i] = sum / (std::abs(gap) < least ? Wide(least) : gap);
        }
        long double size = 0;
        int most = 0;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= k; j++) out[i] += q[j][i] * x[j];
            size += std::norm(out[i]);
            if (std::abs(out[i]) > std::abs(out[most]) * (1 + 1e-15L)) most = i;
        }
        Wide turn = std::conj(out[most]) / (std::abs(out[most]) * std::sqrt(size));
        for (Wide &z : out) z *= turn;
        vectors.push_back(out);
    }
    return true;
}

} // namespace lapack

#endif
