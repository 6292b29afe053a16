// Devices and contexts, and what every other call needs first: the lock, the current context, its state.
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>

#include "sim.h"

// A context is a device in use. The primary one of a device lives as long as something retains it.
struct Context {
    int device;
    unsigned retained; // how many times, for a primary context
    unsigned flags;
    CUresult failed;   // the error that sticks, or 0
};

namespace {

const int most_devices = 16;
const int most_pushed = 8;

std::recursive_mutex &big_lock() {
    // Never destroyed: programs free memory while they exit.
    static std::recursive_mutex *lock = new std::recursive_mutex;
    return *lock;
}

bool initialised = false;
int devices = 0;
Context primary[most_devices];
std::set<Context *> &own_contexts() {
    static std::set<Context *> *all = new std::set<Context *>;
    return *all;
}

// Each host thread has a stack of contexts; the top one is current.
__thread Context *pushed[most_pushed];
__thread int depth;

Context *current() { return depth ? pushed[depth - 1] : nullptr; }

bool valid_context(Context *c) {
    if (c >= primary && c < primary + devices) return c->retained > 0;
    return own_contexts().count(c) > 0;
}

bool valid_device(CUdevice d) { return d >= 0 && d < devices; }

// The attributes of an H100 that a program may ask for, by their number in the driver's interface.
int attribute_value(int attribute, int device) {
    switch (attribute) {
    case 1: return max_threads_per_block;                  // MAX_THREADS_PER_BLOCK
    case 2: case 3: return 1024;                           // MAX_BLOCK_DIM_X, Y
    case 4: return 64;                                     // MAX_BLOCK_DIM_Z
    case 5: return 2147483647;                             // MAX_GRID_DIM_X
    case 6: case 7: return 65535;                          // MAX_GRID_DIM_Y, Z
    case 8: return 49152;                                  // MAX_SHARED_MEMORY_PER_BLOCK
    case 9: return 65536;                                  // TOTAL_CONSTANT_MEMORY
    case 10: return 32;                                    // WARP_SIZE
    case 11: return 2147483647;                            // MAX_PITCH
    case 12: case 82: return 65536;                        // MAX_REGISTERS_PER_BLOCK, PER_MULTIPROCESSOR
    case 13: return 1980000;                               // CLOCK_RATE, kHz
    case 14: return 512;                                   // TEXTURE_ALIGNMENT
    case 15: case 19: case 31: case 32: case 41: return 1; // GPU_OVERLAP, MAP_HOST, CONCURRENT, ECC, UNIFIED_ADDRESSING
    case 16: return device_multiprocessors();              // MULTIPROCESSOR_COUNT
    case 33: return device + 1;                            // PCI_BUS_ID
    case 36: return 2619000;                               // MEMORY_CLOCK_RATE, kHz
    case 37: return 5120;                                  // GLOBAL_MEMORY_BUS_WIDTH, bits
    case 38: return 52428800;                              // L2_CACHE_SIZE
    case 39: return 2048;                                  // MAX_THREADS_PER_MULTIPROCESSOR
    case 40: return 3;                                     // ASYNC_ENGINE_COUNT
    case 51: return 32;                                    // TEXTURE_PITCH_ALIGNMENT
    case 75: return device_compute_capability() / 10;      // COMPUTE_CAPABILITY_MAJOR
    case 76: return device_compute_capability() % 10;      // COMPUTE_CAPABILITY_MINOR
    case 78: case 79: case 80: case 90: return 1;          // STREAM_PRIORITIES, GLOBAL_L1, LOCAL_L1, PREEMPTION
    case 81: return 233472;                                // MAX_SHARED_MEMORY_PER_MULTIPROCESSOR
    case 87: return 2;                                     // SINGLE_TO_DOUBLE_PRECISION_PERF_RATIO
    case 97: return 232448;                                // MAX_SHARED_MEMORY_PER_BLOCK_OPTIN
    case 99: return 1;                                     // HOST_REGISTER_SUPPORTED
    case 106: return 32;                                   // MAX_BLOCKS_PER_MULTIPROCESSOR
    case 111: return 1024;                                 // RESERVED_SHARED_MEMORY_PER_BLOCK
    case 115: return 1;                                    // MEMORY_POOLS_SUPPORTED
    default: return 0;
    }
}

} // namespace

long long setting(const char *name, long long otherwise) {
    const char *text = getenv(name);
    return text && *text ? strtoll(text, nullptr, 0) : otherwise;
}

static void say(const char *format, va_list arguments) {
    char text[2048];
    vsnprintf(text, sizeof text, format, arguments);
    // In one piece, so that lines of several threads do not mix.
    fprintf(stderr, "simcuda: %s\n", text);
}

void complain(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say(format, arguments);
    va_end(arguments);
}

void trace(const char *format, ...) {
    static bool wanted = setting("SIMCUDA_TRACE", 0) != 0;
    if (!wanted) return;
    va_list arguments;
    va_start(arguments, format);
    say(format, arguments);
    va_end(arguments);
}

int device_multiprocessors() {
    static int n = (int)setting("SIMCUDA_SMS", 132);
    return n;
}

int device_compute_capability() {
    static int n = (int)setting("SIMCUDA_CC", 90);
    return n;
}

Entry::Entry() : error(CUDA_SUCCESS), context(nullptr) {
    big_lock().lock();
    memory_open();
    context = current();
    if (!initialised) error = CUDA_ERROR_NOT_INITIALIZED;
    else if (!context || !valid_context(context)) error = CUDA_ERROR_INVALID_CONTEXT;
    else error = context->failed;
}

Entry::~Entry() {
    memory_close();
    big_lock().unlock();
}

int context_device(Context *c) { return c->device; }
void context_fail(Context *c, CUresult why) { c->failed = why; }

// For the stand-in of cuBLAS, which is a library of its own: the same, in plain C.
static __thread Entry *held;

extern "C" CUresult sim_enter() {
    Entry *entry = new Entry;
    CUresult error = entry->error;
    if (error) delete entry;
    else held = entry;
    return error;
}

extern "C" void sim_leave() {
    delete held;
    held = nullptr;
}

extern "C" int sim_check(unsigned long long start, size_t bytes, const char *what) { return memory_check(start, bytes, what); }
extern "C" CUresult sim_check_stream(Stream *stream) { return check_stream(current(), stream); }

extern "C" {

CUresult cuInit(unsigned flags) {
    std::lock_guard<std::recursive_mutex> guard(big_lock());
    if (flags) return CUDA_ERROR_INVALID_VALUE;
    if (initialised) return CUDA_SUCCESS;
    long long n = setting("SIMCUDA_DEVICES", 1);
    if (n <= 0) return CUDA_ERROR_NO_DEVICE;
    devices = n < most_devices ? (int)n : most_devices;
    for (int i = 0; i < devices; i++) primary[i].device = i;
    install_fault_handlers();
    initialised = true;
    return CUDA_SUCCESS;
}

CUresult cuDriverGetVersion(int *version) {
    *version = 13000;
    return CUDA_SUCCESS;
}

CUresult cuDeviceGetCount(int *count) {
    if (!initialised) return CUDA_ERROR_NOT_INITIALIZED;
    *count = devices;
    return CUDA_SUCCESS;
}

CUresult cuDeviceGet(CUdevice *device, int ordinal) {
    if (!initialised) return CUDA_ERROR_NOT_INITIALIZED;
    if (!valid_device(ordinal)) return CUDA_ERROR_INVALID_DEVICE;
    *device = ordinal;
    return CUDA_SUCCESS;
}

CUresult cuDeviceGetName(char *name, int room, CUdevice device) {
    if (!initialised) return CUDA_ERROR_NOT_INITIALIZED;
    if (!valid_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    if (room <= 0) return CUDA_ERROR_INVALID_VALUE;
    snprintf(name, room, "Simulated CUDA device");
    return CUDA_SUCCESS;
}

CUresult cuDeviceGetAttribute(int *value, int attribute, CUdevice device) {
    if (!initialised) return CUDA_ERROR_NOT_INITIALIZED;
    if (!valid_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    *value = attribute_value(attribute, device);
    return CUDA_SUCCESS;
}

CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice device) {
    if (!initialised) return CUDA_ERROR_NOT_INITIALIZED;
    if (!valid_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    size_t free_bytes;
    memory_info(device, &free_bytes, bytes);
    return CUDA_SUCCESS;
}

CUresult cuDeviceGetUuid_v2(char *uuid, CUdevice device) {
    if (!initialised) return CUDA_ERROR_NOT_INITIALIZED;
    if (!valid_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    memcpy(uuid, "SIMULATED DEVIC", 15);
    uuid[15] = (char)('0' + device);
    return CUDA_SUCCESS;
}
CUresult cuDeviceGetUuid(char *uuid, CUdevice device) { return cuDeviceGetUuid_v2(uuid, device); }

CUresult cuDeviceGetPCIBusId(char *text, int room, CUdevice device) {
    if (!valid_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    snprintf(text, room, "0000:%02x:00.0", device + 1);
    return CUDA_SUCCESS;
}

// Devices do not see each other's memory: a program must copy.
CUresult cuDeviceCanAccessPeer(int *can, CUdevice a, CUdevice b) {
    if (!valid_device(a) || !valid_device(b)) return CUDA_ERROR_INVALID_DEVICE;
    *can = 0;
    return CUDA_SUCCESS;
}
CUresult cuCtxEnablePeerAccess(Context *, unsigned) { return CUDA_ERROR_PEER_ACCESS_UNSUPPORTED; }

CUresult cuDevicePrimaryCtxRetain(Context **context, CUdevice device) {
    std::lock_guard<std::recursive_mutex> guard(big_lock());
    if (!initialised) return CUDA_ERROR_NOT_INITIALIZED;
    if (!valid_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    primary[device].retained++;
    *context = &primary[device];
    return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxReset_v2(CUdevice device) {
    std::lock_guard<std::recursive_mutex> guard(big_lock());
    if (!valid_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    memory_free_all(device);
    primary[device].failed = CUDA_SUCCESS;
    return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
    std::lock_guard<std::recursive_mutex> guard(big_lock());
    if (!valid_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    if (!primary[device].retained) return CUDA_ERROR_INVALID_CONTEXT;
    // The last one takes everything with it, the error that stuck as well.
    if (--primary[device].retained == 0) cuDevicePrimaryCtxReset_v2(device);
    return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxGetState(CUdevice device, unsigned *flags, int *active) {
    if (!valid_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    *flags = primary[device].flags;
    *active = primary[device].retained > 0;
    return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxSetFlags_v2(CUdevice device, unsigned flags) {
    if (!valid_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    primary[device].flags = flags;
    return CUDA_SUCCESS;
}

CUresult cuCtxCreate_v4(Context **context, void *, unsigned flags, CUdevice device) {
    std::lock_guard<std::recursive_mutex> guard(big_lock());
    if (!initialised) return CUDA_ERROR_NOT_INITIALIZED;
    if (!valid_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    if (depth == most_pushed) return CUDA_ERROR_OUT_OF_MEMORY;
    *context = new Context{device, 0, flags, CUDA_SUCCESS};
    own_contexts().insert(*context);
    pushed[depth++] = *context;
    return CUDA_SUCCESS;
}

CUresult cuCtxDestroy_v2(Context *context) {
    std::lock_guard<std::recursive_mutex> guard(big_lock());
    if (!own_contexts().erase(context)) return CUDA_ERROR_INVALID_CONTEXT;
    if (current() == context) depth--;
    delete context;
    return CUDA_SUCCESS;
}

CUresult cuCtxGetCurrent(Context **context) {
    if (!initialised) return CUDA_ERROR_NOT_INITIALIZED;
    *context = current();
    return CUDA_SUCCESS;
}

CUresult cuCtxSetCurrent(Context *context) {
    std::lock_guard<std::recursive_mutex> guard(big_lock());
    if (!initialised) return CUDA_ERROR_NOT_INITIALIZED;
    if (context && !valid_context(context)) return CUDA_ERROR_INVALID_CONTEXT;
    if (!context) {
        if (depth) depth--;
    } else {
        if (!depth) depth = 1;
        pushed[depth - 1] = context;
    }
    return CUDA_SUCCESS;
}

CUresult cuCtxPushCurrent_v2(Context *context) {
    std::lock_guard<std::recursive_mutex> guard(big_lock());
    if (!valid_context(context)) return CUDA_ERROR_INVALID_CONTEXT;
    if (depth == most_pushed) return CUDA_ERROR_OUT_OF_MEMORY;
    pushed[depth++] = context;
    return CUDA_SUCCESS;
}

CUresult cuCtxPopCurrent_v2(Context **context) {
    if (!depth) return CUDA_ERROR_INVALID_CONTEXT;
    Context *top = pushed[--depth];
    if (context) *context = top;
    return CUDA_SUCCESS;
}

CUresult cuCtxGetDevice(CUdevice *device) {
    Context *c = current();
    if (!c) return CUDA_ERROR_INVALID_CONTEXT;
    *device = c->device;
    return CUDA_SUCCESS;
}

CUresult cuCtxSynchronize() {
    Entry entry;
    trace("cuCtxSynchronize");
    return entry.error;
}

CUresult cuCtxGetFlags(unsigned *flags) {
    Context *c = current();
    if (!c) return CUDA_ERROR_INVALID_CONTEXT;
    *flags = c->flags;
    return CUDA_SUCCESS;
}

CUresult cuCtxSetFlags(unsigned flags) {
    Context *c = current();
    if (!c) return CUDA_ERROR_INVALID_CONTEXT;
    c->flags = flags;
    return CUDA_SUCCESS;
}

CUresult cuCtxGetApiVersion(Context *, unsigned *version) {
    *version = 13000;
    return CUDA_SUCCESS;
}

CUresult cuCtxGetLimit(size_t *value, int limit) {
    Entry entry;
    if (entry.error) return entry.error;
    *value = limit == 0 ? 1024 : 0; // the stack size of a thread; nothing else is limited here
    return CUDA_SUCCESS;
}

CUresult cuCtxSetLimit(int, size_t) {
    Entry entry;
    return entry.error;
}

CUresult cuCtxGetCacheConfig(int *config) {
    Entry entry;
    *config = 0;
    return entry.error;
}

CUresult cuCtxSetCacheConfig(int) {
    Entry entry;
    return entry.error;
}

CUresult cuCtxGetStreamPriorityRange(int *least, int *greatest) {
    Entry entry;
    if (least) *least = 0;
    if (greatest) *greatest = -5;
    return entry.error;
}

CUresult cuProfilerStart() { return CUDA_SUCCESS; }
CUresult cuProfilerStop() { return CUDA_SUCCESS; }

} // extern "C"
