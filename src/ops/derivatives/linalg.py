# Shared by the texts of derivatives. Factorizations and solutions.

def _slogdet_grad(grads, sign, A):
    if grads[1] is None and not is_complex(A):
        return None
    g = zeros_like(torch.real(sign)) if grads[1] is None else grads[1]
    if grads[0] is not None and is_complex(A):
        turn = torch.imag(conj(grads[0]) * sign)
        g = torch.complex(g, -turn)
    right = g.unsqueeze(-1).unsqueeze(-1) * eye(A.size(-1), dtype=A.dtype)
    if torch.is_grad_enabled():
        return linalg.solve(A.mH, right)
    # Without a graph a singular matrix gives infinities, not an error.
    LU, pivots, info = linalg.lu_factor_ex(A)
    return linalg.lu_solve(LU, pivots, right, adjoint=True)

def _as_columns(A, B):
    # Whether a right-hand side is a vector, or a batch of vectors.
    return B.ndim == 1 or A.ndim - 1 == B.ndim and B.shape == A.shape[:-1]

def _solve_grads(grad, X, A, B, left):
    # Gradients of A and B.
    if _as_columns(A, B):
        gB = linalg.solve(A.mH, grad)
        return -matmul(gB.unsqueeze(-1), conj(X).unsqueeze(-2)), gB
    gB = linalg.solve(A.mH, grad, left=left)
    return (-matmul(gB, X.mH) if left else -matmul(X.mH, gB)), gB

def _triangle(x, upper, unitriangular):
    k = 1 if unitriangular else 0
    return triu(x, k) if upper else tril(x, -k)

def _triangular_back(g, A, upper, transpose, unitriangular):
    if transpose:
        return linalg.solve_triangular(conj(A), g, upper=upper, unitriangular=unitriangular)
    return linalg.solve_triangular(A.mH, g, upper=not upper, unitriangular=unitriangular)

def _cholesky_grad(grad, L, upper):
    if upper:
        L, grad = L.mH, grad.mH
    K = tril(matmul(L.mH, grad))
    half = (K + tril(K, -1).mH) / 2
    g = linalg.solve_triangular(L.mH, half, upper=True)
    return linalg.solve_triangular(L, g, upper=False, left=False)

def _from_square(g, L, upper):
    # Gradient of a factor from that of L L^H, or of U^H U.
    both = g + g.mH
    return matmul(L, both) if upper else matmul(both, L)

def _qr_grad(grads, Q, R, A):
    gQ, gR = grads
    m, n = A.shape[-2:]
    if gQ is None and gR is None:
        return None
    gQ = zeros_like(Q) if gQ is None else gQ
    gR = zeros_like(R) if gR is None else gR
    if m < n:
        # The later columns are Q^H A; they lead back to Q.
        rest = gR[..., m:]
        gQ = gQ + matmul(A[..., m:], rest.mH)
        gR, R = gR[..., :m], R[..., :m]
    W = triu(matmul(gR, R.mH) - matmul(Q.mH, gQ))
    W = W + triu(W, 1).mH
    W = W - diag_embed(W.diagonal(0, -2, -1) - torch.real(W.diagonal(0, -2, -1)))
    g = linalg.solve_triangular(R.mH, gQ + matmul(Q, W), upper=False, left=False)
    return g if m >= n else cat([g, matmul(Q, rest)], -1)

def _reflector(vectors, i):
    # Column i with 1 on the diagonal and 0 above.
    v = vectors[..., i:i + 1]
    return cat([zeros_like(v[..., :i, :]), ones_like(v[..., i:i + 1, :]), v[..., i + 1:, :]], -2)

def _reflected(x, vectors, tau, i, left):
    v, t = _reflector(vectors, i), tau[..., i].unsqueeze(-1).unsqueeze(-1)
    return x - matmul(v * t, matmul(v.mH, x)) if left else x - matmul(matmul(x, v) * t, v.mH)

def _lu_grad(gL, gU, P, L, U, m, n):
    # P, L and U of a matrix of m rows and n columns.
    k = min(m, n)
    if k == 0:
        return L.new_zeros(list(L.shape[:-2]) + [m, n])
    gL = zeros_like(L) if gL is None else gL
    gU = zeros_like(U) if gU is None else gU
    L1, U1, gL1, gU1 = L[..., :k, :], U[..., :, :k], gL[..., :k, :], gU[..., :, :k]
    if n > m:
        right = linalg.solve_triangular(L1.mH, gU[..., k:], upper=True, unitriangular=True)
        gL1 = gL1 - matmul(right, U[..., k:].mH)
    if m > n:
        low = linalg.solve_triangular(U1.mH, gL[..., k:, :], upper=False, left=False)
        gU1 = gU1 - matmul(L[..., k:, :].mH, low)
    g = tril(matmul(L1.mH, gL1), -1) + triu(matmul(gU1, U1.mH))
    g = linalg.solve_triangular(L1.mH, g, upper=True, unitriangular=True)
    g = linalg.solve_triangular(U1.mH, g, upper=False, left=False)
    if n > m:
        g = cat([g, right], -1)
    if m > n:
        g = cat([g, low], -2)
    return g if P is None else matmul(P, g)

def _lu_data_grad(grad, LU, pivots):
    P, L, U = lu_unpack(LU, pivots)
    m, n = LU.shape[-2:]
    k = min(m, n)
    return _lu_grad(tril(grad[..., :k], -1), triu(grad[..., :k, :]), P, L, U, m, n)

def _lu_solve_grads(grad, X, LU, pivots, left, adjoint):
    # Gradients of LU and of the right-hand side.
    gB = linalg.lu_solve(LU, pivots, grad, left=left, adjoint=not adjoint)
    a, b = (X, gB) if adjoint else (gB, X)
    g = -matmul(a, b.mH) if left else -matmul(b.mH, a)
    P, L, U = lu_unpack(LU, pivots)
    g = matmul(P.mT, g)
    return tril(matmul(g, U.mH), -1) + triu(matmul(L.mH, g)), gB

def _svd_grad(gU, gS, gVh, U, S, Vh):
    if gU is None and gVh is None:
        return matmul(U * gS.unsqueeze(-2), Vh) if gS is not None else matmul(U, Vh) * 0
    k = S.size(-1)
    U, Vh = U[..., :k], Vh[..., :k, :]
    gU = None if gU is None else gU[..., :k]
    gVh = None if gVh is None else gVh[..., :k, :]
    s = S.unsqueeze(-2)
    gaps = s * s - (s * s).mT
    same = eye(k, dtype=torch.bool)
    gaps = where(same, 1, gaps)
    def turn(X):
        return X - X.mH
    u = None if gU is None else matmul(U.mH, gU)
    v = None if gVh is None else matmul(Vh, gVh.mH)
    if is_complex(U):
        phase = torch.imag((zeros_like(v) if u is None else u).diagonal(0, -2, -1)) + torch.imag((zeros_like(u) if v is None else v).diagonal(0, -2, -1))
        if abs(phase).numel() and abs(phase).max() > 1e-2:
            raise RuntimeError('svd_backward: The singular vectors in the complex case are specified up to multiplication by e^{i phi}. The specified loss function depends on this phase term, making it ill-defined.')
    inner = zeros_like(matmul(U.mH, U)) if gS is None else diag_embed(gS)
    if u is not None:
        inner = inner + turn(u) / gaps * s
        if is_complex(U):
            d = u.diagonal(0, -2, -1)
            inner = inner + diag_embed((d - torch.real(d)) / S)
    if v is not None:
        inner = inner + s.mT * (turn(v) / gaps)
    out = matmul(matmul(U, inner), Vh)
    if u is not None and U.size(-2) > k:
        out = out + matmul((gU - matmul(U, u)) / s, Vh)
    if v is not None and Vh.size(-1) > k:
        out = out + matmul(U, (gVh - matmul(v.mH, Vh)) / s.mT)
    return out

def _check_phase(X, name):
    if is_complex(X) and X.numel() and abs(torch.imag(X.diagonal(0, -2, -1))).max() > 1e-2:
        raise RuntimeError(name + '_backward: The eigenvectors in the complex case are specified up to multiplication by e^{i phi}. The specified loss function depends on this quantity, so it is ill-defined.')

def _eigen_gaps(w):
    # Differences of eigenvalues, 1 on the diagonal.
    return where(eye(w.size(-1), dtype=torch.bool), 1, w.unsqueeze(-2) - w.unsqueeze(-1))

def _eig_grad(gw, gV, w, V):
    if gV is None:
        return linalg.solve(V.mH, gw.unsqueeze(-1) * V.mH)
    X = matmul(V.mH, gV)
    _check_phase(X, 'linalg_eig')
    # The length of the vectors is fixed.
    X = X - matmul(V.mH, V * torch.real(X.diagonal(0, -2, -1)).unsqueeze(-2))
    inner = (X / conj(_eigen_gaps(w))).masked_fill(eye(w.size(-1), dtype=torch.bool), 0)
    if gw is not None:
        inner = inner + diag_embed(gw)
    return linalg.solve(V.mH, matmul(inner, V.mH))

def _pinv_grad(grad, P, A):
    g = grad.mH
    PPh, PhP = matmul(P, P.mH), matmul(P.mH, P)
    left = matmul(g, PPh) - matmul(A, matmul(P, matmul(g, PPh)))
    right = matmul(PhP, g) - matmul(matmul(matmul(PhP, g), P), A)
    return left + right - matmul(P.mH, matmul(grad, P.mH))

def _matrix_norm(A, ord, dim, keepdim, dtype):
    a, b = [d % A.ndim for d in dim]
    if ord == 'fro':
        return linalg.vector_norm(A, 2, dim, keepdim, dtype=dtype)
    if ord in ('nuc', 2, -2):
        rest = [d for d in range(A.ndim) if d not in (a, b)]
        A = A if dtype is None else A.to(dtype)
        s = linalg.svdvals(A.permute(rest + [a, b]))
        out = s.sum(-1, keepdim) if ord == 'nuc' else s.amax(-1, keepdim) if ord == 2 else s.amin(-1, keepdim)
        if not keepdim:
            return out
        order = rest + [a, b]
        return out.unsqueeze(-1).permute([order.index(d) for d in range(A.ndim)])
    inner, outer = (a, b) if abs(ord) == 1 else (b, a)
    sums = linalg.vector_norm(A, 1, inner, keepdim, dtype=dtype)
    outer = outer - (1 if inner < outer and not keepdim else 0)
    return sums.amax(outer, keepdim) if ord > 0 else sums.amin(outer, keepdim)

def _bound(s, A, atol, rtol):
    # What singular values, or moduli of eigenvalues, have to exceed.
    if rtol is None and A.dtype not in (float32, float64, complex64, complex128):
        raise RuntimeError('rounding is not known')
    if rtol is None:
        rtol = torch.finfo(A.dtype).eps * max(A.shape[-2:])
        if is_tensor(atol):
            rtol = where(atol > 0, 0, rtol)
        elif atol is not None and atol > 0:
            rtol = 0.0
    if is_tensor(rtol) and is_complex(rtol) or is_tensor(atol) and is_complex(atol):
        raise RuntimeError('complex')
    bound = s.amax(-1, True) * (rtol.unsqueeze(-1) if is_tensor(rtol) else rtol)
    if is_tensor(atol):
        bound = torch.maximum(bound, atol.unsqueeze(-1).to(bound.dtype))
    elif atol is not None:
        bound = bound.clamp(min=atol)
    return bound.to(s.dtype)

def _pinv(A, atol, rtol, hermitian):
    if hermitian:
        w, V = linalg.eigh(A)
        w = where(abs(w) > _bound(abs(w), A, atol, rtol), 1 / w, 0)
        return matmul(V * w.unsqueeze(-2), V.mH)
    U, S, Vh = linalg.svd(A, full_matrices=False)
    S = where(S > _bound(S, A, atol, rtol), 1 / S, 0)
    return matmul(Vh.mH * S.unsqueeze(-2), U.mH)

def _rank(A, atol, rtol, hermitian):
    s = abs(linalg.eigvalsh(A)) if hermitian else linalg.svdvals(A)
    if s.numel() == 0:
        return zeros(A.shape[:-2], dtype=torch.int64)
    return (s > _bound(s, A, atol, rtol)).sum(-1)

def _matrix_exp(A):
    # Taylor's series up to the 17th power after scaling to where that is exact, in products of cubes, then squaring.
    if not (A.is_floating_point() or is_complex(A)) or A.ndim < 2 or A.size(-1) != A.size(-2):
        raise RuntimeError('not a matrix')
    X = A.float() if A.dtype in (float16, bfloat16) else A
    size = abs(X).sum(-2).amax(-1)
    whole = isfinite(size)
    turns = where(whole, ceil(log2(size / (1 if X.dtype in (float64, complex128) else 3))), 0).clamp(min=0)
    X = X / (2 ** turns).unsqueeze(-1).unsqueeze(-1)
    one, square = eye(A.size(-1), dtype=X.dtype), matmul(X, X)
    cube, out = matmul(square, X), None
    factorials = [1.0]
    for k in range(1, 18):
        factorials.append(k * factorials[-1])
    for k in [15, 12, 9, 6, 3, 0]:
        part = one / factorials[k] + X / factorials[k + 1] + square / factorials[k + 2]
        out = part if out is None else matmul(out, cube) + part
    for i in range(int(turns.max())):
        out = where((turns > i).unsqueeze(-1).unsqueeze(-1), matmul(out, out), out)
    return where(whole.unsqueeze(-1).unsqueeze(-1), out, nan).to(A.dtype)
