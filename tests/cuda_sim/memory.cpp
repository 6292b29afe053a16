// Device memory: pages of this process, laid out so that touching a wrong place is noticed. Each block ends
// (rounded up to 256 bytes, as a GPU aligns) right before a page that faults; what lies between the block and
// the ends of its pages holds a pattern that is looked at when the block is freed. New memory is filled with
// 0xCB, and freed memory keeps faulting for a while.
#include <cstdio>
#include <cstring>

#include <deque>
#include <map>
#include <set>

#include <sys/mman.h>

#include "sim.h"

namespace {

const size_t page = 4096;
const size_t alignment = 256;
const size_t poison_whole = 64 << 20; // beyond that only the ends are filled, for speed
const size_t poison_end = 4 << 20;
const size_t most_freed = 256;
const unsigned char canary = 0xA5;

struct Block {
    size_t size;
    char *map; // the guard page in front
    size_t map_size;
    int device;
    bool foreign; // a variable of a kernel's module, not allocated here
};

struct Freed {
    CUdeviceptr start;
    size_t size;
    char *map;
    size_t map_size;
};

const int most_devices = 16;
size_t used[most_devices];
int open_count = 0;

// Never destroyed: a program may free memory while it exits.
std::map<CUdeviceptr, Block> &blocks() {
    static auto *all = new std::map<CUdeviceptr, Block>;
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
const std::pair<const CUdeviceptr, Block> *block_before(CUdeviceptr address) {
    auto next = blocks().upper_bound(address);
    return next == blocks().begin() ? nullptr : &*--next;
}

// Fills what the block does not use of its pages, or looks whether that is still as it was filled.
size_t changed_bytes(CUdeviceptr start, const Block &b, bool fill) {
    unsigned char *first = (unsigned char *)b.map + page, *end = (unsigned char *)b.map + b.map_size - page;
    unsigned char *data = (unsigned char *)start;
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
        if (!one.second.foreign) mprotect(one.second.map + page, one.second.map_size - 2 * page, how);
}

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
    size_t map_size = round_up(room, page) + 2 * page;
    char *map = (char *)mmap(nullptr, map_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (map == MAP_FAILED) return CUDA_ERROR_OUT_OF_MEMORY;
    if (mprotect(map + page, map_size - 2 * page, PROT_READ | PROT_WRITE)) {
        munmap(map, map_size);
        return CUDA_ERROR_OUT_OF_MEMORY;
    }
    char *data = map + map_size - page - room;
    if (bytes <= poison_whole) {
        memset(data, poison_byte, bytes);
    } else {
        memset(data, poison_byte, poison_end);
        memset(data + bytes - poison_end, poison_byte, poison_end);
    }
    Block b = {bytes, map, map_size, device, false};
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
    // The memory goes back, the addresses stay taken, so that a late use still faults.
    mmap(b.map, b.map_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    freed().push_back({start, b.size, b.map, b.map_size});
    if (freed().size() > most_freed) {
        munmap(freed().front().map, freed().front().map_size);
        freed().pop_front();
    }
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

void memory_info(int device, size_t *free_bytes, size_t *total) {
    *total = total_memory();
    *free_bytes = total_memory() - used[device];
}

std::string memory_describe(uintptr_t address) {
    char text[256];
    for (auto one = freed().rbegin(); one != freed().rend(); ++one) {
        uintptr_t map = (uintptr_t)one->map;
        if (address < map || address >= map + one->map_size) continue;
        snprintf(text, sizeof text, "offset %lld of a block of %zu bytes that has been freed",
                 (long long)(address - one->start), one->size);
        return text;
    }
    for (auto &one : blocks()) {
        uintptr_t map = (uintptr_t)one.second.map;
        if (one.second.foreign || address < map || address >= map + one.second.map_size) continue;
        snprintf(text, sizeof text, "offset %lld of a block of %zu bytes", (long long)(address - one.first), one.second.size);
        return text;
    }
    return address < page ? "next to a null pointer" : "far from any block of device memory";
}
