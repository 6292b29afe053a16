// What kernels call when something is wrong with them.
#include <chrono>

#include <sys/types.h>

#include "sim.h"

extern "C" {

void sim_trap(int line) { fail(CUDA_ERROR_LAUNCH_FAILED, format("__trap() at line %d", line)); }

void sim_assert(const char *what, const char *file, int line, const char *function) {
    fail(CUDA_ERROR_ASSERT, format("%s:%d: %s: assertion `%s` failed", file, line, function, what));
}

long long sim_clock() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

// Kernels are compiled with some of the compiler's checks for undefined behaviour; these are what it calls when
// one fails. The first argument begins with the place in the source.
struct SourcePlace {
    const char *file;
    unsigned line, column;
};

struct TypeMismatch {
    SourcePlace place;
    void *type;
    unsigned char log_alignment, kind;
};

void __ubsan_handle_type_mismatch_v1_abort(TypeMismatch *data, uintptr_t address) {
    fail(CUDA_ERROR_MISALIGNED_ADDRESS,
         format("line %u: address 0x%zx is not aligned to the %d bytes of an access: %s", data->place.line,
                (size_t)address, 1 << data->log_alignment, memory_describe(address).c_str()));
}

void __ubsan_handle_out_of_bounds_abort(SourcePlace *place, uintptr_t index) {
    fail(CUDA_ERROR_ILLEGAL_ADDRESS, format("line %u: index %zd lies outside of an array", place->line, (ssize_t)index));
}

void __ubsan_handle_shift_out_of_bounds_abort(SourcePlace *place, uintptr_t, uintptr_t by) {
    fail(CUDA_ERROR_LAUNCH_FAILED,
         format("line %u: shift by %zd, which is undefined in C++ (a GPU would not report it)", place->line, (ssize_t)by));
}

void __ubsan_handle_divrem_overflow_abort(SourcePlace *place, uintptr_t, uintptr_t) {
    fail(CUDA_ERROR_LAUNCH_FAILED,
         format("line %u: whole number divided by zero, or the least one by -1: undefined (a GPU would not report it)",
                place->line));
}

} // extern "C"
