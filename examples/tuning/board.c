/* What `test/serve.c` needs of a board, for QEMU's mps2-an500 (a Cortex-M7 on an MPS2): what runs before
 * main(), a serial line and a counter. A vendor's project has the first two; what to change is marked. */
#include <stdint.h>

int serve_get(void);
void serve_put(uint8_t byte);
uint32_t serve_cycles(void);
void serve(void);
void reset(void);
int main(void);

#define REGISTER(address) (*(volatile uint32_t*)(address))

/* The board's first serial line, a CMSDK UART. Yours: what receives and sends a byte. */
#define UART_DATA REGISTER(0x40004000u)
#define UART_STATE REGISTER(0x40004004u) /* 1: no room to send, 2: something has come */
#define UART_CONTROL REGISTER(0x40004008u)
#define UART_DIVIDER REGISTER(0x40004010u)

int serve_get(void) {
  while ((UART_STATE & 2u) == 0) {
  }
  return (int)(UART_DATA & 255u);
}

void serve_put(uint8_t byte) {
  while ((UART_STATE & 1u) != 0) {
  }
  UART_DATA = byte;
}

/* The core's timer of 24 bits, which counts down, and how often it began anew. Yours: the core's counter of
 * cycles, which the emulator does not have, in place of all this:
 *   once     REGISTER(0xE000EDFCu) |= 1u << 24; REGISTER(0xE0001000u) |= 1;
 *   then     return REGISTER(0xE0001004u); */
#define TIMER_CONTROL REGISTER(0xE000E010u)
#define TIMER_FROM REGISTER(0xE000E014u)
#define TIMER_NOW REGISTER(0xE000E018u)
static volatile uint32_t rounds;
static void next_round(void) { ++rounds; }

uint32_t serve_cycles(void) {
  uint32_t before, now;
  do {
    before = rounds;
    now = TIMER_NOW;
  } while (before != rounds);
  return (before << 24) + (0xFFFFFFu - now);
}

int main(void) {
  UART_DIVIDER = 25000000u / 115200u;
  UART_CONTROL = 3; /* sends and receives */
  TIMER_FROM = 0xFFFFFFu;
  TIMER_NOW = 0;
  TIMER_CONTROL = 7; /* on, from the core's clock, with an interrupt for each round */
  serve();
  return 0;
}

/* --- before main() --- */

extern uint32_t stack_top, data_load, data_begin, data_end, bss_begin, bss_end;

static void stop(void) {
  for (;;) {
  }
}

__attribute__((section(".vectors"), used)) static void (*const vectors[16])(void) = {
    (void (*)(void))(uintptr_t)&stack_top,
    reset,
    stop,
    stop,
    stop,
    stop,
    stop,
    stop,
    stop,
    stop,
    stop,
    stop,
    stop,
    stop,
    stop,
    next_round};

void reset(void) {
  uint32_t *from = &data_load, *to;
  REGISTER(0xE000ED88u) |= 0xFu << 20; /* the floating-point unit may be used */
  for (to = &data_begin; to < &data_end;) *to++ = *from++;
  for (to = &bss_begin; to < &bss_end;) *to++ = 0;
  main();
  stop();
}
