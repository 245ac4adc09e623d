/* Start-up, semihosting and memory protection of the emulated machines. Semihosting: the debugger (here the
 * emulator) does what a numbered request asks for. */
#include "board.h"

extern uint8_t board_data_begin[], board_data_end[], board_data_load[], board_bss_begin[], board_bss_end[];

enum { kWriteText = 0x04, kExitWithCode = 0x20, kApplicationExit = 0x20026 };

#if defined(__riscv)
/* The three instructions must not be compressed: together they are what the emulator recognizes. */
static uintptr_t request(uintptr_t number, const void* argument) {
  register uintptr_t a0 __asm("a0") = number;
  register const void* a1 __asm("a1") = argument;
  __asm volatile(
      ".option push\n .option norvc\n .balign 16\n slli x0, x0, 0x1f\n ebreak\n srai x0, x0, 7\n .option pop"
      : "+r"(a0)
      : "r"(a1)
      : "memory");
  return a0;
}
#else
static uintptr_t request(uintptr_t number, const void* argument) {
  register uintptr_t r0 __asm("r0") = number;
  register const void* r1 __asm("r1") = argument;
  __asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}
#endif

void board_print(const char* text) { request(kWriteText, text); }

void board_print_number(const char* key, uint32_t value) {
  char digits[12];
  char* p = digits + sizeof digits;
  *--p = 0;
  *--p = '\n';
  do {
    *--p = (char)('0' + value % 10);
    value /= 10;
  } while (value != 0);
  board_print(key);
  board_print(" ");
  board_print(p);
}

void board_exit(int code) {
  const uintptr_t arguments[2] = {kApplicationExit, (uintptr_t)code};
  request(kExitWithCode, arguments);
  for (;;) {
  }
}

/* Byte by byte, and not to be taken for a call of memcpy, whose code belongs to what is measured. */
static void prepare_memory(void) {
  volatile uint8_t* to = board_data_begin;
  const uint8_t* from = board_data_load;
  while (to != board_data_end) *to++ = *from++;
  for (to = board_bss_begin; to != board_bss_end; ++to) *to = 0;
}

__attribute__((used, noreturn)) void board_start(void) {
#if !defined(__riscv)
  *(volatile uint32_t*)0xE000ED88 |= 0xFu << 20; /* floating point and Helium on */
  __asm volatile("dsb\n isb");
#endif
  prepare_memory();
  board_exit(main());
}

#if defined(__riscv)

__attribute__((used, noreturn)) void board_fault(uint32_t cause, uint32_t where) {
  board_print_number("fault_cause", cause);
  board_print_number("fault_address", where);
  board_exit(99);
}

__asm(
    ".option arch, +zicsr\n"
    ".section .start, \"ax\"\n"
    ".globl board_entry\n"
    "board_entry:\n"
    "  la sp, board_stack_top\n"
    "  la t0, board_trap\n"
    "  csrw mtvec, t0\n"
    "  j board_start\n"
    ".balign 4\n"
    "board_trap:\n"
    "  csrr a0, mcause\n"
    "  csrr a1, mepc\n"
    "  j board_fault\n"
    ".text\n");

int board_guard(uint8_t* low, uint8_t* high) {
  (void)low, (void)high;
  return 0;
}
void board_unguard(void) {}

#else

__attribute__((used)) static void board_fault(void) {
  board_print_number("fault_status", *(volatile uint32_t*)0xE000ED28);
  board_print_number("fault_memory_address", *(volatile uint32_t*)0xE000ED34);
  board_print_number("fault_bus_address", *(volatile uint32_t*)0xE000ED38);
  board_exit(99);
}

typedef void (*Handler)(void);
typedef union Vector {
  uint8_t* stack;
  Handler handler;
} Vector;
#define FAULT \
  { .handler = board_fault }
__attribute__((section(".vectors"), used)) const Vector board_vectors[16] = {
    {.stack = board_stack_top},
    {.handler = board_start},
    FAULT,
    FAULT,
    FAULT,
    FAULT,
    FAULT,
    FAULT,
    FAULT,
    FAULT,
    FAULT,
    FAULT,
    FAULT,
    FAULT,
    FAULT,
    FAULT,
};

#define MPU_TYPE (*(volatile uint32_t*)0xE000ED90)
#define MPU_CONTROL (*(volatile uint32_t*)0xE000ED94)
#define MPU_NUMBER (*(volatile uint32_t*)0xE000ED98)
#define MPU_BASE (*(volatile uint32_t*)0xE000ED9C)
#define MPU_ATTRIBUTES (*(volatile uint32_t*)0xE000EDA0)

/* The Armv7-M unit. BOARD_MPU7 says that the machine has one: its successor has the same addresses and
 * another meaning. */
int board_guard(uint8_t* low, uint8_t* high) {
#ifdef BOARD_MPU7
  const uint32_t size_of_1024 = 9u << 1, no_access_no_code = 1u << 28, enabled = 1;
  uint8_t* const guarded[2] = {low, high};
  uint32_t i;
  if ((MPU_TYPE & 0xFF00u) == 0) return 0;
  for (i = 0; i < 2; ++i) {
    MPU_NUMBER = i;
    MPU_BASE = (uint32_t)guarded[i];
    MPU_ATTRIBUTES = no_access_no_code | size_of_1024 | enabled;
  }
  MPU_CONTROL = 4 | 1; /* what no region names stays as it is without the unit */
  __asm volatile("dsb\n isb" ::: "memory");
  return 1;
#else
  (void)low, (void)high;
  return 0;
#endif
}

void board_unguard(void) {
#ifdef BOARD_MPU7
  MPU_CONTROL = 0;
  __asm volatile("dsb\n isb" ::: "memory");
#endif
}

#endif
