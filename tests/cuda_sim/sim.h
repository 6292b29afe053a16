// What the driver's C++ files share. Types and values are those of the CUDA driver's binary interface, written
// down here since no CUDA header may be needed.
#ifndef SIMCUDA_SIM_H
#define SIMCUDA_SIM_H

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>

#include "abi.h"

typedef int CUresult;
typedef int CUdevice;
typedef unsigned long long CUdeviceptr;

enum {
    CUDA_SUCCESS = 0,
    CUDA_ERROR_INVALID_VALUE = 1,
    CUDA_ERROR_OUT_OF_MEMORY = 2,
    CUDA_ERROR_NOT_INITIALIZED = 3,
    CUDA_ERROR_NO_DEVICE = 100,
    CUDA_ERROR_INVALID_DEVICE = 101,
    CUDA_ERROR_INVALID_IMAGE = 200,
    CUDA_ERROR_INVALID_CONTEXT = 201,
    CUDA_ERROR_NO_BINARY_FOR_GPU = 209,
    CUDA_ERROR_PEER_ACCESS_UNSUPPORTED = 217,
    CUDA_ERROR_INVALID_PTX = 218,
    CUDA_ERROR_FILE_NOT_FOUND = 301,
    CUDA_ERROR_INVALID_HANDLE = 400,
    CUDA_ERROR_NOT_FOUND = 500,
    CUDA_ERROR_ILLEGAL_ADDRESS = 700,
    CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES = 701,
    CUDA_ERROR_ASSERT = 710,
    CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED = 712,
    CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED = 713,
    CUDA_ERROR_HARDWARE_STACK_ERROR = 714,
    CUDA_ERROR_MISALIGNED_ADDRESS = 716,
    CUDA_ERROR_LAUNCH_FAILED = 719,
    CUDA_ERROR_NOT_SUPPORTED = 801,
    CUDA_ERROR_UNKNOWN = 999
};

const int max_threads_per_block = 1024;
const unsigned poison_byte = 0xCB;

// One line on stderr, with "simcuda: " before it.
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
// As `complain`, with SIMCUDA_TRACE=1: what a device is asked to do.
void trace(const char *format, ...) __attribute__((format(printf, 1, 2)));
// A whole number from the environment.
long long setting(const char *name, long long otherwise);

// ---- context.cpp: one lock for everything; streams run at once, so calls simply take turns -------------------
struct Context;
struct Stream;
// Taken by every function that needs a context. `error` is the reason not to go on: not initialised, no
// context, or an error of an earlier kernel, which (as on a GPU) every later call reports.
struct Entry {
    Entry();
    ~Entry();
    CUresult error;
    Context *context;
};
int context_device(Context *);
void context_fail(Context *, CUresult);
CUresult check_stream(Context *, Stream *);
int device_multiprocessors();
int device_compute_capability();

// ---- memory.cpp ------------------------------------------------------------------------------------------------
CUresult memory_alloc(int device, size_t bytes, CUdeviceptr *out);
CUresult memory_free(CUdeviceptr);
void memory_free_all(int device);
void memory_add_foreign(CUdeviceptr start, size_t bytes, int device);
void memory_remove_foreign(CUdeviceptr start);
// Whether the whole range lies within one live block; `what` is named in the complaint if not.
bool memory_check(CUdeviceptr start, size_t bytes, const char *what);
// Start and size of the block that an address lies in.
bool memory_find(CUdeviceptr address, CUdeviceptr *start, size_t *size, int *device);
// Whether an address is one of the host's own: mapped, and neither of a block nor of a freed one.
bool memory_is_host(uintptr_t address);
void memory_info(int device, size_t *free_bytes, size_t *total);
// Whether it lies in host memory that cuMemHostAlloc gave or cuMemHostRegister was told of (driver.cpp).
bool memory_is_pinned(uintptr_t address);
// Says in words what there is at an address that was wrongly touched.
std::string memory_describe(uintptr_t address);
// With SIMCUDA_PROTECT=1 device memory can only be touched between these two.
void memory_open();
void memory_close();

// ---- fiber.cpp ---------------------------------------------------------------------------------------------------
struct Launch {
    const char *name;
    void (*entry)(void **);
    void **arguments;
    uint3 grid, block;
    size_t shared_bytes;     // dynamic shared memory
    size_t statics_module;   // where the loader keeps the module's __shared__ variables, 0 if it has none
    size_t statics_bytes;
};
// Runs a kernel to its end. The result is what a GPU would report for it, later.
CUresult run_kernel(const Launch &);
void install_fault_handlers();
// Ends the kernel from within one of its threads.
[[noreturn]] void fail(CUresult why, const std::string &reason);
std::string format(const char *text, ...) __attribute__((format(printf, 1, 2)));

// ---- races.cpp ---------------------------------------------------------------------------------------------------
// Which thread runs and what it has met, kept by the scheduler. One host thread runs all blocks while races are looked for.
struct RaceClock {
    unsigned launch, block, barrier;      // the launch and the block by their numbers; barriers that the block has met
    int thread;
    unsigned warp[max_threads_per_block]; // warp operations that each thread has met
    uintptr_t stack, dynamic, statics;    // of the thread that runs; and shared memory
    size_t stack_bytes, dynamic_bytes, statics_bytes;
};
extern RaceClock race_clock;
bool races_wanted();
// When a block has ended: looks at the last write.
void races_settle();

#endif
