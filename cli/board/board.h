/* What the measuring program asks of the emulated machine, whichever it is. */
#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

/* Ends of memory, from the linker script. */
extern uint8_t board_stack_limit[], board_stack_top[];

int main(void);

void board_print(const char* text);
void board_print_number(const char* key, uint32_t value); /* "key 123" on a line */
__attribute__((noreturn)) void board_exit(int code);

/* Any access to [low, low + 1024) or [high, high + 1024) ends the program from now on, where the machine has
 * a unit for that; both are multiples of 1024. Returns whether it has. */
int board_guard(uint8_t* low, uint8_t* high);
void board_unguard(void);

#define BOARD_STACK_POINTER(variable) __asm volatile("mv %0, sp" : "=r"(variable))
#if !defined(__riscv)
#undef BOARD_STACK_POINTER
#define BOARD_STACK_POINTER(variable) __asm volatile("mov %0, sp" : "=r"(variable))
#endif

#endif
