// Device memory: one wide range of addresses of this process in which nothing can be touched but the blocks that
// are in use. So a kernel that goes astray faults, near a block or far from it. Each block ends (rounded up to
// 256 bytes, as a GPU aligns) right at the end of a page; what lies between the block and the ends of its pages
// holds a pattern that is looked at when the block is freed. New memory is filled with 0xCB. Addresses are taken
// in turn and come again only after a full round, so freed memory keeps faulting for a long time.
#include <cstdio>
#include <cstring>

#include <deque>
#include <map>

#include <sys/mman.h>

#include "sim.h"

namespace {

const size_t page = 4096;
const size_t alignment = 256;
const size_t guard = 64 * 1024;       // untouchable on each side of a block
const size_t poison_whole = 64 << 20; // beyond that only the ends are filled, for speed
const size_t poison_end = 4 << 20;
const size_t most_remembered = 1024;
const unsigned char canary = 0xA5;
const int most_devices = 16;

struct Block {
    size_t size;
    char *pages; // what can be touched
    size_t pages_size;
    int device;
    bool foreign; // a variable of a kernel's module, not allocated here
};

struct Freed {
    CUdeviceptr start;
    size_t size;
};

typedef std::map<CUdeviceptr, Block> Blocks;

size_t used[most_devices];
int open_count = 0;
char *range_start, *range_end, *range_next;

// Never destroyed: a program may free memory while it exits.
Blocks &blocks() {
    static auto *all = new Blocks;
    return *all;
}
std::deque<Freed> &freed() {
    static auto *all = new std::deque<Freed>;
    return *all;
}

size_t round_up(size_t n, size_t to) { return (n + to - 1) / to * to; }

size_t total_memory() {
    static size_t n = (size_t)setting("SIMCUDA_MEMORY", 4ll << 30);
    return n;
}

bool protect() {
    static bool yes = setting("SIMCUDA_PROTECT", 0) != 0;
    return yes;
}

// The live block that begins at or before an address, if any.
Blocks::value_type *block_before(CUdeviceptr address) {
    auto next = blocks().upper_bound(address);
    return next == blocks().begin() ? nullptr : &*--next;
}

// Room for `size` bytes of pages, with untouchable ones around; null if there is none.
char *take_range(size_t size) {
    if (!range_start) {
        size_t room = (size_t)64 << 30;
        while (room < 8 * total_memory() && room < (size_t)1 << 45) room *= 2;
        void *p = MAP_FAILED;
        for (; p == MAP_FAILED && room >= (size_t)1 << 30; room /= 2) {
            p = mmap(nullptr, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
            if (p != MAP_FAILED) range_end = (char *)p + room;
        }
        if (p == MAP_FAILED) return nullptr;
        range_start = range_next = (char *)p;
    }
    size_t whole = size + 2 * guard;
    char *at = range_next;
    for (bool again = false;;) {
        if (whole > (size_t)(range_end - at)) {
            if (again || whole > (size_t)(range_end - range_start)) return nullptr;
            again = true;
            at = range_start;
        }
        // The last block that begins before the end of the piece must end before the piece begins.
        auto *one = block_before((CUdeviceptr)at + whole);
        while (one && one->second.foreign) one = block_before(one->first - 1);
        if (!one || one->second.pages + one->second.pages_size + guard <= at + guard) break;
        at = one->second.pages + one->second.pages_size;
    }
    range_next = at + size + guard;
    return at + guard;
}

// Fills what the block does not use of its pages, or counts what is no longer as it was filled.
size_t changed_bytes(CUdeviceptr start, const Block &b, bool fill) {
    unsigned char *first = (unsigned char *)b.pages, *end = first + b.pages_size, *data = (unsigned char *)start;
    if (fill) {
        memset(first, canary, data - first);
        memset(data + b.size, canary, end - (data + b.size));
        return 0;
    }
    size_t changed = 0;
    for (unsigned char *p = first; p < data; p++) changed += *p != canary;
    for (unsigned char *p = data + b.size; p < end; p++) changed += *p != canary;
    return changed;
}

void set_protection(int how) {
    for (auto &one : blocks())
        if (!one.second.foreign) mprotect(one.second.pages, one.second.pages_size, how);
}

bool in_range(uintptr_t address) { return address >= (uintptr_t)range_start && address < (uintptr_t)range_end; }

} // namespace

void memory_open() {
    if (protect() && open_count++ == 0) set_protection(PROT_READ | PROT_WRITE);
}

void memory_close() {
    if (protect() && --open_count == 0) set_protection(PROT_NONE);
}

CUresult memory_alloc(int device, size_t bytes, CUdeviceptr *out) {
    size_t room = round_up(bytes, alignment);
    if (bytes == 0) return CUDA_ERROR_INVALID_VALUE;
    if (room < bytes || room > total_memory() - used[device]) return CUDA_ERROR_OUT_OF_MEMORY;
    size_t pages_size = round_up(room, page);
    char *pages = take_range(pages_size);
    if (!pages || mprotect(pages, pages_size, PROT_READ | PROT_WRITE)) return CUDA_ERROR_OUT_OF_MEMORY;
    char *data = pages + pages_size - room;
    if (bytes <= poison_whole) {
        memset(data, poison_byte, bytes);
    } else {
        memset(data, poison_byte, poison_end);
        memset(data + bytes - poison_end, poison_byte, poison_end);
    }
    Block b = {bytes, pages, pages_size, device, false};
    changed_bytes((CUdeviceptr)data, b, true);
    blocks()[(CUdeviceptr)data] = b;
    used[device] += room;
    *out = (CUdeviceptr)data;
    return CUDA_SUCCESS;
}

CUresult memory_free(CUdeviceptr start) {
    auto found = blocks().find(start);
    if (found == blocks().end() || found->second.foreign) {
        complain("free of 0x%llx: %s", start, memory_describe(start).c_str());
        return CUDA_ERROR_INVALID_VALUE;
    }
    Block b = found->second;
    size_t changed = changed_bytes(start, b, false);
    used[b.device] -= round_up(b.size, alignment);
    blocks().erase(found);
    // The memory goes back, the addresses stay taken.
    mmap(b.pages, b.pages_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    freed().push_back({start, b.size});
    if (freed().size() > most_remembered) freed().pop_front();
    if (changed) {
        complain("a kernel wrote outside of a block of %zu bytes at 0x%llx: %zu bytes next to it were changed", b.size,
                 start, changed);
        return CUDA_ERROR_ILLEGAL_ADDRESS;
    }
    return CUDA_SUCCESS;
}

void memory_free_all(int device) {
    for (auto i = blocks().begin(); i != blocks().end();) {
        CUdeviceptr start = i->first;
        bool ours = i->second.device == device && !i->second.foreign;
        ++i;
        if (ours) memory_free(start);
    }
}

void memory_add_foreign(CUdeviceptr start, size_t bytes, int device) {
    blocks()[start] = {bytes, nullptr, 0, device, true};
}

void memory_remove_foreign(CUdeviceptr start) {
    auto found = blocks().find(start);
    if (found != blocks().end() && found->second.foreign) blocks().erase(found);
}

bool memory_find(CUdeviceptr address, CUdeviceptr *start, size_t *size, int *device) {
    auto *one = block_before(address);
    if (!one || address - one->first >= one->second.size) return false;
    *start = one->first;
    *size = one->second.size;
    *device = one->second.device;
    return true;
}

bool memory_check(CUdeviceptr start, size_t bytes, const char *what) {
    if (bytes == 0) return true;
    auto *one = block_before(start);
    if (one && start - one->first <= one->second.size && bytes <= one->second.size - (start - one->first)) return true;
    complain("%s: %zu bytes at 0x%llx are not device memory: %s", what, bytes, start, memory_describe(start).c_str());
    return false;
}

bool memory_is_host(uintptr_t address) {
    auto *one = block_before(address);
    if (in_range(address) || (one && address - one->first <= one->second.size)) return false;
    unsigned char state;
    return mincore((void *)(address / page * page), 1, &state) == 0;
}

void memory_info(int device, size_t *free_bytes, size_t *total) {
    *total = total_memory();
    *free_bytes = total_memory() - used[device];
}

std::string memory_describe(uintptr_t address) {
    if (address < page) return "next to a null pointer";
    if (!in_range(address)) return "far from any block of device memory";
    // The nearest of the blocks there are and of those there were lately.
    std::string text = "in device memory, where no block is";
    long long best = 1 << 20;
    auto consider = [&](CUdeviceptr start, size_t size, const char *what) {
        long long before = (long long)(start - address), after = (long long)(address - start) - (long long)size + 1;
        long long distance = before > 0 ? before : after > 0 ? after : 0;
        if (distance >= best) return;
        best = distance;
        text = format("offset %lld of a block of %zu bytes%s", (long long)(address - start), size, what);
    };
    for (auto &one : blocks())
        if (!one.second.foreign) consider(one.first, one.second.size, "");
    for (auto one = freed().rbegin(); one != freed().rend(); ++one) consider(one->start, one->size, " that has been freed");
    return text;
}
