// Running totals along rows. A block takes a tile of a row, or of some rows side by side; tiles of one row pass on their totals while
// they run, so that elements are read and written once. A thread takes ITEMS elements: an odd number, so that threads that read their
// own meet in no bank of shared memory.
namespace tensh {

// Memory that other blocks write meanwhile: past the caches of this one.
template <typename T>
__device__ __forceinline__ T seen(const T* from) {
    const volatile uint32_t* words = reinterpret_cast<const volatile uint32_t*>(from);
    Words<T> out;
#pragma unroll
    for (uint32_t w = 0; w < Words<T>::count; w++) out.words[w] = words[w];
    return out.value;
}
template <typename T>
__device__ __forceinline__ void show(T* to, T value) {
    volatile uint32_t* words = reinterpret_cast<volatile uint32_t*>(to);
    Words<T> in;
    in.value = value;
#pragma unroll
    for (uint32_t w = 0; w < Words<T>::count; w++) words[w] = in.words[w];
}

// The latest largest or smallest element and where it stands; nan wins over all that comes before.
template <typename E, bool LARGEST>
struct Latest : Extreme<E, LARGEST> {
    typedef Found<E> Acc;
    __device__ Acc join(Acc a, Acc b) const {
        if (a.at < 0) return b;
        if (b.at < 0) return a;
        const bool x = a.value != a.value, y = b.value != b.value;
        if (x != y) return x ? a : b;
        if (!x && a.value != b.value) return (a.value > b.value) == LARGEST ? a : b;
        return a.at > b.at ? a : b;
    }
};

// What a tile's state says: nothing is known yet, its own total is, or that of all tiles up to it.
constexpr uint32_t OWN = 1, WHOLE = 2;

template <typename Acc>
struct Tiles {
    // Tickets, then a state for each tile.
    uint32_t* states;
    // For each tile and row in it.
    Acc *own, *whole;
};

// The total of all tiles of the row before this one. All threads of the block come here, each row's lanes with its `total`.
template <typename Op>
__device__ typename Op::Acc look_back(const Op& op, typename Op::Acc total, const Lane& at, uint32_t lanes, uint64_t tile, uint64_t part,
                                      const Tiles<typename Op::Acc>& tiles) {
    typedef typename Op::Acc Acc;
    __shared__ uint32_t nearest;
    const uint32_t columns = BLOCK / lanes;
    uint32_t* state = tiles.states + 1 + tile;
    if (at.lane == 0) show((part == 0 ? tiles.whole : tiles.own) + tile * columns + at.column, total);
    __threadfence();
    __syncthreads();
    if (threadIdx.x == 0) show(state, part == 0 ? WHOLE : OWN);
    if (part == 0) return op.none();
    Acc before = op.none();
    // Each lane looks at a tile, from the last one backwards, until one knows the total of all up to it.
    for (uint64_t distance = 1;; distance += lanes) {
        if (threadIdx.x == 0) nearest = lanes;
        __syncthreads();
        const bool there = part >= distance + at.lane;
        const uint64_t other = tile - distance - at.lane;
        if (there) {
            uint32_t found;
            while ((found = seen(tiles.states + 1 + other)) == 0) {
            }
            __threadfence();
            if (at.column == 0 && found == WHOLE) atomicMin(&nearest, at.lane);
        }
        __syncthreads();
        const uint32_t last = nearest;
        Acc a = op.none();
        if (there && at.lane <= last) a = seen((at.lane == last ? tiles.whole : tiles.own) + other * columns + at.column);
        before = op.join(together(op, a, at, lanes), before);
        __syncthreads();
        if (last < lanes) break;
    }
    if (at.lane == 0) show(tiles.whole + tile * columns + at.column, op.join(before, total));
    __threadfence();
    __syncthreads();
    if (threadIdx.x == 0) show(state, WHOLE);
    return before;
}

// The total of the lanes of a row before this one, and of all of them.
template <typename Acc>
struct Around {
    Acc before, all;
};

// From what each lane has; all threads of the block come here, with room for 2 * BLOCK accumulators.
template <typename Op>
__device__ __forceinline__ Around<typename Op::Acc> around(const Op& op, typename Op::Acc own, const Lane& at, uint32_t lanes,
                                                           typename Op::Acc* sums) {
    typedef typename Op::Acc Acc;
    if (at.stride == 1) {
        const uint32_t near = lanes < 32 ? lanes : 32, lane = threadIdx.x % 32, place = lane & (near - 1);
        Acc upto = own;
        for (uint32_t d = 1; d < near; d *= 2) {
            const Acc other = shuffle(upto, lane - d);
            if (place >= d) upto = op.join(other, upto);
        }
        const Acc left = shuffle(upto, lane - 1), all = shuffle(upto, lane | (near - 1));
        Around<Acc> out = {place > 0 ? left : op.none(), all};
        if (lanes <= 32) return out;
        if (lane == 31) sums[threadIdx.x / 32] = all;
        __syncthreads();
        const uint32_t first = (threadIdx.x - at.lane) / 32, warp = at.lane / 32;
        Acc before = op.none();
        out.all = sums[first];
        if (warp > 0) before = out.all;
        for (uint32_t w = 1; w < lanes / 32; w++) {
            const Acc next = sums[first + w];
            out.all = op.join(out.all, next);
            if (w < warp) before = op.join(before, next);
        }
        if (warp > 0) out.before = place > 0 ? op.join(before, left) : before;
        return out;
    }
    uint32_t from = 0;
    sums[threadIdx.x] = own;
    __syncthreads();
    for (uint32_t d = 1; d < lanes; d *= 2) {
        Acc s = sums[from + threadIdx.x];
        if (at.lane >= d) s = op.join(sums[from + threadIdx.x - d * at.stride], s);
        from ^= BLOCK;
        sums[from + threadIdx.x] = s;
        __syncthreads();
    }
    Around<Acc> out = {op.none(), sums[from + threadIdx.x + (lanes - 1 - at.lane) * at.stride]};
    if (at.lane > 0) out.before = sums[from + threadIdx.x - at.stride];
    return out;
}

// `parts` tiles a row that run at once; with one, a block goes along its rows tile by tile.
template <typename Op, typename Load, typename Store>
__device__ void scan_rows(const Op& op, const Load& load, const Store& store, uint64_t outer, uint64_t length, uint64_t inner,
                          uint32_t lanes, bool side_by_side, uint64_t parts, const Tiles<typename Op::Acc>& tiles) {
    typedef typename Op::Acc Acc;
    __shared__ Acc cells[BLOCK * ITEMS];
    __shared__ Acc sums[2 * BLOCK];
    __shared__ uint32_t ticket;
    uint64_t tile = blockIdx.x;
    if (parts > 1) {
        // Tiles are numbered as blocks begin: those that a block waits for have begun before.
        if (threadIdx.x == 0) ticket = atomicAdd(tiles.states, 1u);
        __syncthreads();
        tile = ticket;
    }
    const uint64_t part = parts > 1 ? tile % parts : 0;
    const Lane at(parts > 1 ? tile / parts : tile, lanes, side_by_side);
    const bool there = at.row < outer;
    const auto place = load.row(there ? at.row : 0);
    const uint64_t start = line_start(at.row, length, inner);
    const uint32_t step = lanes * ITEMS;
    // Where the elements of the thread's row are kept.
    const uint32_t base = side_by_side ? at.column : at.column * step, apart = at.stride;
    Acc carry = op.none();
    for (uint64_t first = part * step; first < length; first += step) {
        const uint32_t count = !there ? 0 : length - first < step ? uint32_t(length - first) : step;
        {
            Acc own[ITEMS];
#pragma unroll
            for (uint32_t i = 0; i < ITEMS; i++) {
                const uint32_t cell = i * lanes + at.lane;
                own[i] = cell < count ? op.lift(load(place, first + cell), first + cell) : op.none();
            }
#pragma unroll
            for (uint32_t i = 0; i < ITEMS; i++) cells[base + (i * lanes + at.lane) * apart] = own[i];
        }
        __syncthreads();
        // The thread's own neighbours stay where they are: registers are for more blocks.
        Acc* const own = cells + base + at.lane * ITEMS * apart;
        Acc total = own[0];
#pragma unroll
        for (uint32_t i = 1; i < ITEMS; i++) total = op.join(total, own[i * apart]);
        const Around<Acc> other = around(op, total, at, lanes, sums);
        if (parts > 1) carry = look_back(op, other.all, at, lanes, tile, part, tiles);
        Acc upto = at.lane > 0 ? op.join(carry, other.before) : carry;
#pragma unroll
        for (uint32_t i = 0; i < ITEMS; i++) own[i * apart] = upto = op.join(upto, own[i * apart]);
        __syncthreads();
        const uint64_t to = start + (first + at.lane) * inner, apart_there = lanes * inner;
#pragma unroll
        for (uint32_t i = 0; i < ITEMS; i++) {
            const uint32_t cell = i * lanes + at.lane;
            if (cell < count) store(to + i * apart_there, first + cell, cells[base + cell * apart]);
        }
        if (parts > 1) break;
        carry = op.join(carry, other.all);
        __syncthreads();
    }
}

}  // namespace tensh
