// The driver's calls on memory, streams and events. Work is done at once, inside the call, so streams need no
// more than to be known and an event is the time at which it was recorded.
#include <cstdlib>
#include <cstring>

#include <chrono>
#include <map>
#include <set>

#include "sim.h"

struct Stream {
    Context *context;
    unsigned flags;
    int priority;
};

struct Event {
    Context *context;
    unsigned flags;
    bool recorded;
    std::chrono::steady_clock::time_point when;
};

namespace {

std::set<Stream *> &streams() {
    static auto *all = new std::set<Stream *>;
    return *all;
}
std::set<Event *> &events() {
    static auto *all = new std::set<Event *>;
    return *all;
}
std::map<void *, size_t> &host_blocks() {
    static auto *all = new std::map<void *, size_t>;
    return *all;
}
std::map<void *, size_t> &registered() {
    static auto *all = new std::map<void *, size_t>;
    return *all;
}

const unsigned event_without_timing = 2;

// Copies between any two sides, after a look at the device's side or sides.
CUresult copy(void *to, const void *from, size_t n, bool to_device, bool from_device, Stream *stream, const char *what) {
    Entry entry;
    if (entry.error) return entry.error;
    if (CUresult e = check_stream(entry.context, stream)) return e;
    if (to_device && !memory_check((CUdeviceptr)to, n, what)) return CUDA_ERROR_INVALID_VALUE;
    if (from_device && !memory_check((CUdeviceptr)from, n, what)) return CUDA_ERROR_INVALID_VALUE;
    trace("%s of %zu bytes", what, n);
    memmove(to, from, n);
    return CUDA_SUCCESS;
}

template <class T> CUresult fill(CUdeviceptr to, T value, size_t n, Stream *stream, const char *what) {
    Entry entry;
    if (entry.error) return entry.error;
    if (CUresult e = check_stream(entry.context, stream)) return e;
    if (to % sizeof(T)) return CUDA_ERROR_INVALID_VALUE;
    if (n > (size_t)-1 / sizeof(T) || !memory_check(to, n * sizeof(T), what)) return CUDA_ERROR_INVALID_VALUE;
    trace("%s of %zu", what, n);
    T *p = (T *)to;
    for (size_t i = 0; i < n; i++) p[i] = value;
    return CUDA_SUCCESS;
}

CUresult allocate(CUdeviceptr *out, size_t bytes, Stream *stream) {
    Entry entry;
    if (entry.error) return entry.error;
    if (CUresult e = check_stream(entry.context, stream)) return e;
    return memory_alloc(context_device(entry.context), bytes, out);
}

CUresult release(CUdeviceptr start, Stream *stream) {
    Entry entry;
    if (entry.error) return entry.error;
    if (CUresult e = check_stream(entry.context, stream)) return e;
    if (!start) return CUDA_SUCCESS;
    CUresult e = memory_free(start);
    // A write past the end is as bad as one that faults.
    if (e == CUDA_ERROR_ILLEGAL_ADDRESS) context_fail(entry.context, e);
    return e;
}

// Whether the address is device memory, for the call that copies between "any" addresses.
bool is_device(CUdeviceptr p) {
    CUdeviceptr start;
    size_t size;
    int device;
    return memory_find(p, &start, &size, &device);
}

CUresult new_stream(Stream **stream, unsigned flags, int priority) {
    Entry entry;
    if (entry.error) return entry.error;
    if (flags > 1) return CUDA_ERROR_INVALID_VALUE;
    *stream = new Stream{entry.context, flags, priority};
    streams().insert(*stream);
    return CUDA_SUCCESS;
}

CUresult use_stream(Stream *stream) {
    Entry entry;
    return entry.error ? entry.error : check_stream(entry.context, stream);
}

CUresult use_event(Event *event) {
    Entry entry;
    return entry.error ? entry.error : events().count(event) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
}

} // namespace

bool memory_is_pinned(uintptr_t address) {
    for (auto *all : {&host_blocks(), &registered()}) {
        auto next = all->upper_bound((void *)address);
        if (next == all->begin()) continue;
        --next;
        if (address - (uintptr_t)next->first <= next->second) return true;
    }
    return false;
}

// 0, 1 and 2 stand for the default stream of a context or of a thread.
CUresult check_stream(Context *context, Stream *stream) {
    if ((uintptr_t)stream <= 2) return CUDA_SUCCESS;
    return streams().count(stream) && stream->context == context ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
}

extern "C" {

// ---- memory ----------------------------------------------------------------------------------------------------
CUresult cuMemGetInfo_v2(size_t *free_bytes, size_t *total) {
    Entry entry;
    if (entry.error) return entry.error;
    memory_info(context_device(entry.context), free_bytes, total);
    return CUDA_SUCCESS;
}

CUresult cuMemAlloc_v2(CUdeviceptr *out, size_t bytes) { return allocate(out, bytes, nullptr); }
CUresult cuMemAllocAsync(CUdeviceptr *out, size_t bytes, Stream *stream) { return allocate(out, bytes, stream); }
CUresult cuMemAllocFromPoolAsync(CUdeviceptr *out, size_t bytes, void *, Stream *stream) { return allocate(out, bytes, stream); }
CUresult cuMemFree_v2(CUdeviceptr start) { return release(start, nullptr); }
CUresult cuMemFreeAsync(CUdeviceptr start, Stream *stream) { return release(start, stream); }

// The host's own view of a device address makes no sense here: memory for both is not offered.
CUresult cuMemAllocManaged(CUdeviceptr *, size_t, unsigned) { return CUDA_ERROR_NOT_SUPPORTED; }

CUresult cuMemGetAddressRange_v2(CUdeviceptr *base, size_t *size, CUdeviceptr address) {
    Entry entry;
    if (entry.error) return entry.error;
    CUdeviceptr start;
    size_t bytes;
    int device;
    if (!memory_find(address, &start, &bytes, &device)) return CUDA_ERROR_NOT_FOUND;
    if (base) *base = start;
    if (size) *size = bytes;
    return CUDA_SUCCESS;
}

CUresult cuPointerGetAttribute(void *out, int attribute, CUdeviceptr address) {
    Entry entry;
    if (entry.error) return entry.error;
    CUdeviceptr start;
    size_t bytes;
    int device;
    bool known = memory_find(address, &start, &bytes, &device);
    if (!known && !host_blocks().count((void *)address)) return CUDA_ERROR_INVALID_VALUE;
    switch (attribute) {
    case 2: *(unsigned *)out = known ? 2 : 1; return CUDA_SUCCESS; // MEMORY_TYPE: device, host
    case 9: *(int *)out = known ? device : 0; return CUDA_SUCCESS; // DEVICE_ORDINAL
    case 11: *(CUdeviceptr *)out = known ? start : address; return CUDA_SUCCESS; // RANGE_START_ADDR
    case 12: *(size_t *)out = known ? bytes : host_blocks()[(void *)address]; return CUDA_SUCCESS; // RANGE_SIZE
    default: return CUDA_ERROR_NOT_SUPPORTED;
    }
}

CUresult cuMemHostAlloc(void **out, size_t bytes, unsigned) {
    Entry entry;
    if (entry.error) return entry.error;
    if (!bytes) return CUDA_ERROR_INVALID_VALUE;
    void *p = nullptr;
    if (bytes > (size_t)1 << 40 || posix_memalign(&p, 4096, bytes)) return CUDA_ERROR_OUT_OF_MEMORY;
    // Not zero, as a reader might otherwise expect it to be.
    memset(p, poison_byte, bytes < 65536 ? bytes : 65536);
    host_blocks()[p] = bytes;
    *out = p;
    return CUDA_SUCCESS;
}
CUresult cuMemAllocHost_v2(void **out, size_t bytes) { return cuMemHostAlloc(out, bytes, 0); }

CUresult cuMemFreeHost(void *p) {
    Entry entry;
    if (entry.error) return entry.error;
    if (!host_blocks().erase(p)) return CUDA_ERROR_INVALID_VALUE;
    free(p);
    return CUDA_SUCCESS;
}

CUresult cuMemHostRegister_v2(void *p, size_t bytes, unsigned) {
    Entry entry;
    if (entry.error) return entry.error;
    if (!p || !bytes) return CUDA_ERROR_INVALID_VALUE;
    return registered().insert({p, bytes}).second ? CUDA_SUCCESS : CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED;
}

CUresult cuMemHostUnregister(void *p) {
    Entry entry;
    if (entry.error) return entry.error;
    return registered().erase(p) ? CUDA_SUCCESS : CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED;
}

CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void *from, size_t n) {
    return copy((void *)to, from, n, true, false, nullptr, "cuMemcpyHtoD");
}
CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void *from, size_t n, Stream *s) {
    return copy((void *)to, from, n, true, false, s, "cuMemcpyHtoDAsync");
}
CUresult cuMemcpyDtoH_v2(void *to, CUdeviceptr from, size_t n) {
    return copy(to, (const void *)from, n, false, true, nullptr, "cuMemcpyDtoH");
}
CUresult cuMemcpyDtoHAsync_v2(void *to, CUdeviceptr from, size_t n, Stream *s) {
    return copy(to, (const void *)from, n, false, true, s, "cuMemcpyDtoHAsync");
}
CUresult cuMemcpyDtoD_v2(CUdeviceptr to, CUdeviceptr from, size_t n) {
    return copy((void *)to, (const void *)from, n, true, true, nullptr, "cuMemcpyDtoD");
}
CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t n, Stream *s) {
    return copy((void *)to, (const void *)from, n, true, true, s, "cuMemcpyDtoDAsync");
}
CUresult cuMemcpyPeer(CUdeviceptr to, Context *, CUdeviceptr from, Context *, size_t n) {
    return copy((void *)to, (const void *)from, n, true, true, nullptr, "cuMemcpyPeer");
}
CUresult cuMemcpyPeerAsync(CUdeviceptr to, Context *, CUdeviceptr from, Context *, size_t n, Stream *s) {
    return copy((void *)to, (const void *)from, n, true, true, s, "cuMemcpyPeerAsync");
}
CUresult cuMemcpyAsync(CUdeviceptr to, CUdeviceptr from, size_t n, Stream *s) {
    Entry entry; // the search below needs the lock as well
    return copy((void *)to, (const void *)from, n, is_device(to), is_device(from), s, "cuMemcpyAsync");
}
CUresult cuMemcpy(CUdeviceptr to, CUdeviceptr from, size_t n) { return cuMemcpyAsync(to, from, n, nullptr); }

CUresult cuMemsetD8_v2(CUdeviceptr to, unsigned char v, size_t n) { return fill(to, v, n, nullptr, "cuMemsetD8"); }
CUresult cuMemsetD16_v2(CUdeviceptr to, unsigned short v, size_t n) { return fill(to, v, n, nullptr, "cuMemsetD16"); }
CUresult cuMemsetD32_v2(CUdeviceptr to, unsigned v, size_t n) { return fill(to, v, n, nullptr, "cuMemsetD32"); }
CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char v, size_t n, Stream *s) { return fill(to, v, n, s, "cuMemsetD8Async"); }
CUresult cuMemsetD16Async(CUdeviceptr to, unsigned short v, size_t n, Stream *s) { return fill(to, v, n, s, "cuMemsetD16Async"); }
CUresult cuMemsetD32Async(CUdeviceptr to, unsigned v, size_t n, Stream *s) { return fill(to, v, n, s, "cuMemsetD32Async"); }

// Pools: there is one for each device, and settings of it are taken and forgotten.
CUresult cuDeviceGetDefaultMemPool(void **pool, CUdevice device) {
    *pool = (void *)(uintptr_t)(0x1000 + device);
    return CUDA_SUCCESS;
}
CUresult cuDeviceGetMemPool(void **pool, CUdevice device) { return cuDeviceGetDefaultMemPool(pool, device); }
CUresult cuDeviceSetMemPool(CUdevice, void *) { return CUDA_SUCCESS; }
CUresult cuMemPoolSetAttribute(void *, int, void *) { return CUDA_SUCCESS; }
CUresult cuMemPoolGetAttribute(void *, int attribute, void *value) {
    // The first three are switches, the others 64-bit counts.
    if (attribute <= 3) *(int *)value = 1;
    else *(unsigned long long *)value = 0;
    return CUDA_SUCCESS;
}
CUresult cuMemPoolTrimTo(void *, size_t) { return CUDA_SUCCESS; }

// ---- streams ---------------------------------------------------------------------------------------------------
CUresult cuStreamCreate(Stream **stream, unsigned flags) { return new_stream(stream, flags, 0); }
CUresult cuStreamCreateWithPriority(Stream **stream, unsigned flags, int priority) { return new_stream(stream, flags, priority); }

CUresult cuStreamDestroy_v2(Stream *stream) {
    Entry entry;
    if (entry.error) return entry.error;
    if (!streams().erase(stream)) return CUDA_ERROR_INVALID_HANDLE;
    delete stream;
    return CUDA_SUCCESS;
}

CUresult cuStreamSynchronize(Stream *stream) { return use_stream(stream); }
CUresult cuStreamQuery(Stream *stream) { return use_stream(stream); }

CUresult cuStreamWaitEvent(Stream *stream, Event *event, unsigned) {
    CUresult e = use_stream(stream);
    return e ? e : use_event(event);
}

CUresult cuStreamGetCtx(Stream *stream, Context **context) {
    Entry entry;
    if (entry.error) return entry.error;
    if (CUresult e = check_stream(entry.context, stream)) return e;
    *context = entry.context;
    return CUDA_SUCCESS;
}

CUresult cuStreamGetFlags(Stream *stream, unsigned *flags) {
    Entry entry;
    if (entry.error) return entry.error;
    if (CUresult e = check_stream(entry.context, stream)) return e;
    *flags = (uintptr_t)stream <= 2 ? 0 : stream->flags;
    return CUDA_SUCCESS;
}

CUresult cuStreamGetPriority(Stream *stream, int *priority) {
    Entry entry;
    if (entry.error) return entry.error;
    if (CUresult e = check_stream(entry.context, stream)) return e;
    *priority = (uintptr_t)stream <= 2 ? 0 : stream->priority;
    return CUDA_SUCCESS;
}

CUresult cuStreamIsCapturing(Stream *stream, int *status) {
    *status = 0;
    return use_stream(stream);
}

CUresult cuLaunchHostFunc(Stream *stream, void (*function)(void *), void *data) {
    if (CUresult e = use_stream(stream)) return e;
    function(data); // without the lock: it may take its time
    return CUDA_SUCCESS;
}

// ---- what is not offered: an error rather than a missing function, on which cudarc panics ----------------------
#define NOT_OFFERED(name)                                                                                      \
    CUresult name() { return CUDA_ERROR_NOT_SUPPORTED; }
NOT_OFFERED(cuStreamBeginCapture_v2)
NOT_OFFERED(cuStreamEndCapture)
NOT_OFFERED(cuStreamAttachMemAsync)
NOT_OFFERED(cuGraphInstantiateWithFlags)
NOT_OFFERED(cuGraphLaunch)
NOT_OFFERED(cuGraphUpload)
NOT_OFFERED(cuGraphDestroy)
NOT_OFFERED(cuGraphExecDestroy)
NOT_OFFERED(cuMemPoolCreate)
NOT_OFFERED(cuMemPoolDestroy)
NOT_OFFERED(cuMemAdvise_v2)
NOT_OFFERED(cuMemPrefetchAsync_v2)
NOT_OFFERED(cuImportExternalMemory)
NOT_OFFERED(cuExternalMemoryGetMappedBuffer)
NOT_OFFERED(cuDestroyExternalMemory)
NOT_OFFERED(cuOccupancyMaxActiveClusters)
NOT_OFFERED(cuOccupancyMaxPotentialClusterSize)

// ---- events ----------------------------------------------------------------------------------------------------
CUresult cuEventCreate(Event **event, unsigned flags) {
    Entry entry;
    if (entry.error) return entry.error;
    *event = new Event{entry.context, flags, false, {}};
    events().insert(*event);
    return CUDA_SUCCESS;
}

CUresult cuEventDestroy_v2(Event *event) {
    Entry entry;
    if (entry.error) return entry.error;
    if (!events().erase(event)) return CUDA_ERROR_INVALID_HANDLE;
    delete event;
    return CUDA_SUCCESS;
}

CUresult cuEventRecord(Event *event, Stream *stream) {
    Entry entry;
    if (entry.error) return entry.error;
    if (CUresult e = check_stream(entry.context, stream)) return e;
    if (!events().count(event)) return CUDA_ERROR_INVALID_HANDLE;
    event->recorded = true;
    event->when = std::chrono::steady_clock::now();
    return CUDA_SUCCESS;
}
CUresult cuEventRecordWithFlags(Event *event, Stream *stream, unsigned) { return cuEventRecord(event, stream); }

CUresult cuEventSynchronize(Event *event) { return use_event(event); }
CUresult cuEventQuery(Event *event) { return use_event(event); }

CUresult cuEventElapsedTime_v2(float *milliseconds, Event *start, Event *end) {
    Entry entry;
    if (entry.error) return entry.error;
    for (Event *one : {start, end})
        if (!events().count(one) || !one->recorded || (one->flags & event_without_timing)) return CUDA_ERROR_INVALID_HANDLE;
    *milliseconds = std::chrono::duration<float, std::milli>(end->when - start->when).count();
    return CUDA_SUCCESS;
}
CUresult cuEventElapsedTime(float *milliseconds, Event *start, Event *end) {
    return cuEventElapsedTime_v2(milliseconds, start, end);
}

} // extern "C"
