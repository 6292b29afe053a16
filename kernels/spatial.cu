// Convolutions and pooling over three dimensions at the end of a tensor; fewer are taken as three, the missing ones first and of size
// 1. Io reads an element S of memory into a register R, and back.
namespace tensh {

// How windows slide over a plane: counts of elements, windows and steps in each dimension. A kernel of 0 divides the plane evenly.
struct Slide {
    int64_t size[3], kernel[3], out[3], stride[3], padding[3], dilation[3];
};

// The elements of a window along a dimension that lie on the plane: first, first + step, ... below last.
struct Span {
    int64_t first, last, step, padded;
    __device__ Span(const Slide& w, int d, int64_t o) {
        const int64_t size = w.size[d], kernel = w.kernel[d];
        if (kernel == 0) {
            first = o * size / w.out[d];
            last = ((o + 1) * size + w.out[d] - 1) / w.out[d];
            step = 1;
            padded = last - first;
            return;
        }
        step = w.dilation[d];
        first = o * w.stride[d] - w.padding[d];
        last = first + step * (kernel - 1) + 1;
        padded = (last < size + w.padding[d] ? last : size + w.padding[d]) - first;
        if (first < 0) first += (-first + step - 1) / step * step;
        if (last > size) last = size;
    }
    __device__ int64_t count() const { return last > first ? (last - first + step - 1) / step : 0; }
};

// A window's number as its places in each dimension.
struct Place {
    int64_t plane, at[3];
    __device__ Place(const Slide& w, uint64_t i) {
        at[2] = int64_t(i % uint64_t(w.out[2]));
        i /= uint64_t(w.out[2]);
        at[1] = int64_t(i % uint64_t(w.out[1]));
        i /= uint64_t(w.out[1]);
        at[0] = int64_t(i % uint64_t(w.out[0]));
        plane = int64_t(i / uint64_t(w.out[0]));
    }
};

__device__ __forceinline__ uint64_t thread_number() {
    return uint64_t(blockIdx.x) * blockDim.x + threadIdx.x;
}

// The elements under each of the weights, a row for each weight of each channel: a thread does one place of one channel. Rows and
// images are as far apart as told.
template <typename S>
__device__ void write_patches(const Slide& w, const S* x, S* out, uint64_t n, int64_t channels, int64_t row, int64_t image) {
    const uint64_t i = thread_number();
    if (i >= n) return;
    const Place p(w, i);
    const int64_t weights = w.kernel[0] * w.kernel[1] * w.kernel[2];
    S* to = out + p.plane / channels * image + p.plane % channels * weights * row +
            (p.at[0] * w.out[1] + p.at[1]) * w.out[2] + p.at[2];
    const S* from = x + p.plane * w.size[0] * w.size[1] * w.size[2];
    for (int64_t kd = 0; kd < w.kernel[0]; kd++) {
        const int64_t z = p.at[0] * w.stride[0] - w.padding[0] + kd * w.dilation[0];
        for (int64_t kh = 0; kh < w.kernel[1]; kh++) {
            const int64_t y = p.at[1] * w.stride[1] - w.padding[1] + kh * w.dilation[1];
            const bool inside = z >= 0 && z < w.size[0] && y >= 0 && y < w.size[1];
            const S* line = from + (z * w.size[1] + y) * w.size[2];
            int64_t x = p.at[2] * w.stride[2] - w.padding[2];
            for (int64_t kw = 0; kw < w.kernel[2]; kw++) {
                *to = inside && x >= 0 && x < w.size[2] ? line[x] : S();
                to += row;
                x += w.dilation[2];
            }
        }
    }
}

// A convolution without patches: a thread adds up all of one element. Channels and outs are those of a group.
template <typename Io, typename S, typename R>
__device__ void convolve_directly(const Slide& w, const S* x, const S* weight, const S* bias, S* out, uint64_t n, int64_t groups,
                                  int64_t channels, int64_t outs) {
    const uint64_t i = thread_number();
    if (i >= n) return;
    const Place p(w, i);
    const int64_t o = p.plane % (groups * outs), image = p.plane / (groups * outs), group = o / outs;
    const int64_t area = w.size[0] * w.size[1] * w.size[2];
    const S* from = x + (image * groups + group) * channels * area;
    const S* k = weight + o * channels * w.kernel[0] * w.kernel[1] * w.kernel[2];
    R sum = bias ? Io::read(bias[o]) : R(0);
    for (int64_t c = 0; c < channels; c++, from += area) {
        for (int64_t kd = 0; kd < w.kernel[0]; kd++) {
            const int64_t z = p.at[0] * w.stride[0] - w.padding[0] + kd * w.dilation[0];
            for (int64_t kh = 0; kh < w.kernel[1]; kh++, k += w.kernel[2]) {
                const int64_t y = p.at[1] * w.stride[1] - w.padding[1] + kh * w.dilation[1];
                if (z < 0 || z >= w.size[0] || y < 0 || y >= w.size[1]) continue;
                const S* line = from + (z * w.size[1] + y) * w.size[2];
                int64_t x = p.at[2] * w.stride[2] - w.padding[2];
                for (int64_t kw = 0; kw < w.kernel[2]; kw++, x += w.dilation[2]) {
                    if (x >= 0 && x < w.size[2]) sum = sum + Io::read(line[x]) * Io::read(k[kw]);
                }
            }
        }
    }
    out[i] = Io::write(sum);
}

// The largest element of each window, the last nan before all else, and its number in its plane.
template <typename Io, typename S, typename R>
__device__ void largest_of_windows(const Slide& w, const S* x, S* values, int64_t* numbers, uint64_t n) {
    const uint64_t i = thread_number();
    if (i >= n) return;
    const Place p(w, i);
    const Span deep(w, 0, p.at[0]), high(w, 1, p.at[1]), wide(w, 2, p.at[2]);
    const S* plane = x + p.plane * w.size[0] * w.size[1] * w.size[2];
    int64_t at = 0;
    R most = R(0);
    bool none = true;
    for (int64_t z = deep.first; z < deep.last; z += deep.step) {
        for (int64_t y = high.first; y < high.last; y += high.step) {
            const int64_t line = (z * w.size[1] + y) * w.size[2];
            for (int64_t x = wide.first; x < wide.last; x += wide.step) {
                const R v = Io::read(plane[line + x]);
                if (none || v > most || v != v) {
                    most = v;
                    at = line + x;
                    none = false;
                }
            }
        }
    }
    if (none && numbers) most = Io::read(plane[0]);
    values[i] = Io::write(most);
    if (numbers) numbers[i] = at;
}

// What the sum of a window is divided by.
enum Divisor { GIVEN, WITH_PADDING, THERE, EACH };

// The mean of each window.
template <typename Io, typename S, typename R, Divisor BY>
__device__ void means_of_windows(const Slide& w, const S* x, S* out, uint64_t n, double given) {
    const uint64_t i = thread_number();
    if (i >= n) return;
    const Place p(w, i);
    const Span deep(w, 0, p.at[0]), high(w, 1, p.at[1]), wide(w, 2, p.at[2]);
    const S* plane = x + p.plane * w.size[0] * w.size[1] * w.size[2];
    R sum = R(0);
    for (int64_t z = deep.first; z < deep.last; z += deep.step) {
        for (int64_t y = high.first; y < high.last; y += high.step) {
            const S* line = plane + (z * w.size[1] + y) * w.size[2];
            for (int64_t x = wide.first; x < wide.last; x += wide.step) sum = sum + Io::read(line[x]);
        }
    }
    const int64_t a = deep.count(), b = high.count(), c = wide.count();
    if (a == 0 || b == 0 || c == 0) {
        sum = R(0);
    } else if (BY == EACH) {
        sum = sum / R(a) / R(b) / R(c);
    } else {
        sum = sum / R(BY == GIVEN ? given : BY == THERE ? double(a * b * c) : double(deep.padded * high.padded * wide.padded));
    }
    out[i] = Io::write(sum);
}

}  // namespace tensh
