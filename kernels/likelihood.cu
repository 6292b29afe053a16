// Losses of class numbers. Scores are `count` classes apart, `inner` positions each; a position's class is `target[i]`.
namespace tensh {

// losses[i] = -x[class of i] * its weight, and that weight; both 0 where the class is the one to ignore.
template <typename S>
__device__ void pick_losses(const S* __restrict__ x, const int64_t* __restrict__ target, const S* __restrict__ weight, S* losses,
                            S* weights, int64_t ignore, uint64_t count, uint64_t inner, uint64_t n, uint32_t* flag) {
    typedef typename element<S>::type R;
    const uint64_t i = uint64_t(blockIdx.x) * blockDim.x + threadIdx.x;
    if (i >= n) return;
    const int64_t c = target[i];
    R loss = R(0), share = R(0);
    if (c != ignore) {
        if (uint64_t(c) >= count) {
            raise(flag);
        } else {
            share = weight ? element<S>::load(weight[c]) : R(1);
            loss = -element<S>::load(x[(i / inner * count + uint64_t(c)) * inner + i % inner]) * share;
        }
    }
    losses[i] = element<S>::store(loss);
    weights[i] = element<S>::store(share);
}

// The gradient of the scores: that of the losses, of which one stands for all where `step` is 0, at the classes and 0 elsewhere.
template <typename S>
__device__ void spread_losses(const S* __restrict__ grad, uint64_t step, const int64_t* __restrict__ target, const S* __restrict__ weight,
                              S* out, int64_t ignore, uint64_t count, uint64_t inner, uint64_t n) {
    typedef typename element<S>::type R;
    const uint64_t at = uint64_t(blockIdx.x) * blockDim.x + threadIdx.x;
    if (at >= n) return;
    const uint64_t row = at / inner, i = row / count * inner + at % inner;
    const int64_t c = int64_t(row % count);
    R value = R(0);
    if (target[i] == c && c != ignore) value = -element<S>::load(grad[i * step]) * (weight ? element<S>::load(weight[c]) : R(1));
    out[at] = element<S>::store(value);
}

}  // namespace tensh
