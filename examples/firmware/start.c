/* What runs before main() on an emulated Cortex-M (QEMU's mps2-an500): stack, memory, the floating-point
 * unit, and a way to print through the emulator (semihosting, newlib's rdimon). */
#include <stdint.h>
#include <stdlib.h>

extern uint32_t stack_top, data_load, data_begin, data_end, bss_begin, bss_end;
extern void initialise_monitor_handles(void);
extern int main(void);

void reset(void);

static void stop(void) {
  for (;;) {
  }
}

__attribute__((section(".vectors"), used)) static void (*const vectors[16])(void) = {
    (void (*)(void))(uintptr_t)&stack_top, reset, stop, stop, stop, stop, stop};

void reset(void) {
  uint32_t *from = &data_load, *to;
  *(volatile uint32_t*)0xE000ED88u |= 0xFu << 20; /* CPACR: the floating-point unit may be used */
  for (to = &data_begin; to < &data_end;) *to++ = *from++;
  for (to = &bss_begin; to < &bss_end;) *to++ = 0;
  initialise_monitor_handles();
  exit(main());
}

/* newlib calls them around main() where there are constructors; C has none. */
void _init(void) {}
void _fini(void) {}
