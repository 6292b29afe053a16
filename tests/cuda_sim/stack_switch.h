// Switching stacks: a place is where a fiber that waits left off.
#ifndef SIMCUDA_STACK_SWITCH_H
#define SIMCUDA_STACK_SWITCH_H

#include <cstddef>
#include <cstring>
#if !defined(__x86_64__) || defined(SIM_UCONTEXT)
#include <ucontext.h>
#endif

namespace {
#if defined(__x86_64__) && !defined(SIM_UCONTEXT)
// Where a fiber that waits left off is just its stack pointer: what a call must preserve lies on the stack.
typedef void *Place;
extern "C" void sim_switch(Place *from, Place to) __asm__("sim_switch");
__asm__(".text\n"
        ".type sim_switch, @function\n"
        "sim_switch:\n"
        "  push %rbp\n  push %rbx\n  push %r12\n  push %r13\n  push %r14\n  push %r15\n"
        "  mov %rsp, (%rdi)\n"
        "  mov %rsi, %rsp\n"
        "  pop %r15\n  pop %r14\n  pop %r13\n  pop %r12\n  pop %rbx\n  pop %rbp\n"
        "  ret\n"
        ".size sim_switch, . - sim_switch\n");

void switch_place(Place *from, Place *to) { sim_switch(from, *to); }

void make_place(Place *place, char *stack, size_t size, void (*start)()) {
    // Six registers and the address to return to; a function expects the stack 8 off a multiple of 16.
    void **top = (void **)(stack + size) - 8;
    memset(top, 0, 8 * sizeof(void *));
    top[6] = (void *)start;
    *place = top;
}
#else
typedef ucontext_t Place;
void switch_place(Place *from, Place *to) { swapcontext(from, to); }
void make_place(Place *place, char *stack, size_t size, void (*start)()) {
    getcontext(place);
    place->uc_stack.ss_sp = stack;
    place->uc_stack.ss_size = size;
    place->uc_link = nullptr;
    makecontext(place, start, 0);
}
#endif
} // namespace

#endif
