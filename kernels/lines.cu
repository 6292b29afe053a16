// Lines: `outer` rows of `length` elements that a loader gives, written to memory in which a row's elements are `inner` apart. A row
// is shared out to `lanes` threads of a block of BLOCK threads.
namespace tensh {

// Where a row's first element is written.
__device__ __forceinline__ uint64_t line_start(uint64_t row, uint64_t length, uint64_t inner) {
    return inner == 1 ? row * length : row / inner * length * inner + row % inner;
}

// Which row a thread works on, and as which lane of it; neighbouring threads are neighbouring lanes, or neighbouring rows where
// these lie side by side.
struct Lane {
    uint64_t row;
    uint32_t column, lane, stride;
    __device__ Lane(uint64_t block, uint32_t lanes, bool side_by_side) {
        const uint32_t columns = BLOCK / lanes;
        column = side_by_side ? threadIdx.x % columns : threadIdx.x / lanes;
        lane = side_by_side ? threadIdx.x / columns : threadIdx.x % lanes;
        stride = side_by_side ? columns : 1;
        row = block * columns + column;
    }
};

// The part of a row that a block takes.
struct Part {
    uint64_t start, end;
    __device__ Part(uint64_t length) {
        const uint64_t each = (length + gridDim.y - 1) / gridDim.y;
        start = each * blockIdx.y;
        end = start + each < length ? start + each : length;
    }
};

// What the lanes of a row make together, told to all of them. All threads of the block come here.
template <typename Op>
__device__ typename Op::Acc together(const Op& op, typename Op::Acc a, const Lane& at, uint32_t lanes) {
    typedef typename Op::Acc Acc;
    __shared__ Acc shared[BLOCK];
    if (at.stride == 1) {
        const uint32_t near = lanes < 32 ? lanes : 32;
        for (uint32_t half = near / 2; half > 0; half /= 2) {
            const Acc b = shuffle_xor(a, half);
            a = at.lane & half ? op.join(b, a) : op.join(a, b);
        }
        if (lanes <= 32) return a;
        if (at.lane % 32 == 0) shared[threadIdx.x / 32] = a;
        __syncthreads();
        const uint32_t first = (threadIdx.x - at.lane) / 32;
        a = shared[first];
        for (uint32_t w = 1; w < lanes / 32; w++) a = op.join(a, shared[first + w]);
        __syncthreads();
        return a;
    }
    if (lanes == 1) return a;
    shared[threadIdx.x] = a;
    __syncthreads();
    for (uint32_t half = lanes / 2; half > 0; half /= 2) {
        if (at.lane < half) shared[threadIdx.x] = op.join(shared[threadIdx.x], shared[threadIdx.x + half * at.stride]);
        __syncthreads();
    }
    a = shared[at.column];
    __syncthreads();
    return a;
}

// Rows that registers hold, ITEMS elements a thread: packs that are `lanes` packs apart. Which place in the row the i-th has:
template <int PACK>
__device__ __forceinline__ uint32_t kept_at(const Lane& at, uint32_t lanes, int i) {
    return (at.lane + i / PACK * lanes) * PACK + i % PACK;
}

// All are read before the first is looked at; those beyond the row's end are `none`.
template <int ITEMS, typename A, typename Load>
__device__ __forceinline__ void read_kept(const Load& load, const Lane& at, bool there, uint32_t length, uint32_t lanes, A none, A (&x)[ITEMS]) {
    constexpr int PACK = Load::PACK;
    const auto place = load.row(there ? at.row : 0);
    decltype(load.packs(place, 0)) packs[ITEMS / PACK];
#pragma unroll
    for (int i = 0; i < ITEMS / PACK; i++) {
        if (there && kept_at<PACK>(at, lanes, i * PACK) < length) packs[i] = load.packs(place, at.lane + i * lanes);
    }
#pragma unroll
    for (int i = 0; i < ITEMS; i++) {
        const uint32_t r = kept_at<PACK>(at, lanes, i);
        x[i] = there && r < length ? load.made(load.at(place, r), load.one(packs[i / PACK], i % PACK)) : none;
    }
}

template <int PACK, int ITEMS, typename A, typename Store>
__device__ __forceinline__ void write_kept(const Store& store, const Lane& at, uint32_t length, uint64_t inner, uint32_t lanes,
                                           const A (&x)[ITEMS]) {
    const uint64_t start = line_start(at.row, length, inner);
#pragma unroll
    for (int i = 0; i < ITEMS; i += PACK) {
        const uint32_t r = kept_at<PACK>(at, lanes, i);
        if (r >= length) continue;
        if constexpr (PACK == 1) {
            store(start + r * inner, r, x[i]);
        } else {
            A pack[PACK];
#pragma unroll
            for (int k = 0; k < PACK; k++) pack[k] = x[i + k];
            store.packs(start + r, r, pack);
        }
    }
}

// Writes what becomes of each element of this block's part of a row; four are read before the first is written.
template <typename A, typename Load, typename Store, typename Change>
__device__ __forceinline__ void write_part(const Load& load, const Store& store, const Lane& at, uint32_t lanes, uint64_t length,
                                           uint64_t inner, const Change& change) {
    const auto place = load.row(at.row);
    const Part part(length);
    const uint64_t start = line_start(at.row, length, inner);
    for (uint64_t r = part.start + at.lane; r < part.end; r += 4 * lanes) {
        A x[4];
#pragma unroll
        for (int i = 0; i < 4; i++) {
            if (r + i * lanes < part.end) x[i] = load(place, r + i * lanes);
        }
#pragma unroll
        for (int i = 0; i < 4; i++) {
            if (r + i * lanes < part.end) store(start + (r + i * lanes) * inner, r + i * lanes, change(x[i]));
        }
    }
}

}  // namespace tensh
