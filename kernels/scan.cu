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
        Acc own[ITEMS];
#pragma unroll
        for (uint32_t i = 0; i < ITEMS; i++) {
            const uint64_t r = first + i * lanes + at.lane;
            own[i] = there && r < length ? op.lift(load(place, r), r) : op.none();
        }
#pragma unroll
        for (uint32_t i = 0; i < ITEMS; i++) cells[base + (i * lanes + at.lane) * apart] = own[i];
        __syncthreads();
#pragma unroll
        for (uint32_t i = 0; i < ITEMS; i++) {
            own[i] = cells[base + (at.lane * ITEMS + i) * apart];
            if (i > 0) own[i] = op.join(own[i - 1], own[i]);
        }
        uint32_t from = 0;
        sums[threadIdx.x] = own[ITEMS - 1];
        __syncthreads();
        for (uint32_t d = 1; d < lanes; d *= 2) {
            Acc s = sums[from + threadIdx.x];
            if (at.lane >= d) s = op.join(sums[from + threadIdx.x - d * apart], s);
            from ^= BLOCK;
            sums[from + threadIdx.x] = s;
            __syncthreads();
        }
        const Acc total = sums[from + threadIdx.x + (lanes - 1 - at.lane) * apart];
        if (parts > 1) carry = look_back(op, total, at, lanes, tile, part, tiles);
        const Acc before = at.lane > 0 ? op.join(carry, sums[from + threadIdx.x - apart]) : carry;
#pragma unroll
        for (uint32_t i = 0; i < ITEMS; i++) cells[base + (at.lane * ITEMS + i) * apart] = op.join(before, own[i]);
        __syncthreads();
#pragma unroll
        for (uint32_t i = 0; i < ITEMS; i++) {
            const uint32_t cell = i * lanes + at.lane;
            if (there && first + cell < length) store(start + (first + cell) * inner, first + cell, cells[base + cell * apart]);
        }
        if (parts > 1) break;
        carry = op.join(carry, total);
    }
}

}  // namespace tensh
