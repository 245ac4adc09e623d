/* Runs a network on its recorded inputs and says what it touched and what it computed, as lines "key value".
 *
 * Built twice: as it is, for what the network costs, and with TEFF_HOOKED, where every layer's result is
 * checked and the instruction counter, which sits in the emulator, is told where a layer ends: it counts from
 * the first instruction of board_open (or of the network) up to that of board_close (or to board_after). */
#include "board.h"

#define APART __attribute__((noinline, noclone, used))

APART void board_close(void) { __asm volatile("nop"); }
APART void board_open(void) { __asm volatile("nop"); }

/* Whoever delivers rows of the input is no part of the network. */
static void pause_count(void);
#define TEST_PAUSE() pause_count()
#define TEST_GO_ON() board_open()
#include "recorded.h"

enum { kGuard = 1024, kRoom = (TEST_ARENA_BYTES + kGuard - 1) / kGuard * kGuard };

/* A guard, room for the arena, a guard. */
static uint8_t pool[kGuard + kRoom + kGuard] __attribute__((aligned(1024), section(".arena")));
static test_state state;

/* The call alone, so that nothing else of this program touches the stack below, and so that it stands in the
 * program once. */
APART teff_fault call_network(uint8_t* arena) {
  const teff_fault fault = test_invoke(arena, &state);
  __asm volatile(".globl board_after\nboard_after:");
  return fault;
}

static int went_wrong(teff_fault fault) {
  if (fault == TEFF_FINE && !test_all_asked()) {
    board_print_number("rows", 0);
    return 1;
  }
  if (fault == TEFF_FINE || fault == TEFF_ENOUGH) return 0;
  board_print_number("fault", (uint32_t)fault);
  return 1;
}

#ifdef TEFF_HOOKED
enum { kMostHooks = 20000 };
static uint32_t crcs[TEST_LAYERS];
static uint16_t sequence[kMostHooks];
static uint32_t hooks;

/* What was counted until here is that layer's. */
static void end_count(int32_t layer) {
  board_close();
  if (hooks < kMostHooks) sequence[hooks] = (uint16_t)layer;
  ++hooks;
}

/* The way to the rows is the first layer's, which wants them. */
__attribute__((unused)) static void pause_count(void) { end_count(0); }

void teff_hook(int32_t layer, const void* data, int32_t bytes, int32_t first, int32_t last) {
  end_count(layer);
  (void)last;
  crcs[layer] = test_crc(first == 0 ? 0 : crcs[layer], data, bytes);
  board_open();
}

static int check_layers(int call, uint8_t* arena) {
  int layer;
  test_fill(arena, &state, test_seeds[call]);
  if (went_wrong(call_network(arena))) return 1;
  for (layer = 0; layer < test_layers_run[call]; ++layer)
    if (crcs[layer] != test_crcs[call * TEST_LAYERS + layer]) {
      board_print_number("seed", test_seeds[call]);
      board_print_number("differs", (uint32_t)layer);
      return 1;
    }
  return 0;
}

int main(void) {
  uint8_t* const arena = pool + kGuard;
  int call;
  uint32_t i;
  test_init(&state);
  for (call = 0; call < TEST_CALLS; ++call) {
    if (check_layers(call, arena)) return 1;
    for (i = 0; call == 0 && i < hooks && i < kMostHooks; ++i) board_print_number("layer", sequence[i]);
    board_print_number("outputs", test_outputs(arena, &state));
  }
  return 0;
}

#else

__attribute__((unused)) static void pause_count(void) { board_close(); }

static uint32_t lowest = 0xFFFFFFFFu, highest, stack_most;

static void paint(volatile uint8_t* from, volatile uint8_t* to, uint8_t colour) {
  while (from < to) *from++ = colour;
}

/* What is below the stack pointer here is the network's, but for the few bytes of call_network. */
APART teff_fault call_on_painted_stack(uint8_t* arena, uint8_t colour) {
  uint8_t *here, *p;
  BOARD_STACK_POINTER(here);
  paint(board_stack_limit, here, colour);
  const teff_fault fault = call_network(arena);
  for (p = board_stack_limit; p < here && *(volatile uint8_t*)p == colour; ++p) {
  }
  if ((uint32_t)(here - p) > stack_most) stack_most = (uint32_t)(here - p);
  return fault;
}

/* With the arena's begin or its end at a guard: whatever goes beyond ends the program. */
static int run(int call, uint8_t* arena, uint8_t colour) {
  uint8_t *const begin = pool + kGuard, *const end = begin + kRoom;
  uint8_t* p;
  paint(begin, end, colour);
  test_init(&state);
  test_fill(arena, &state, test_seeds[call]);
  const int guarded = board_guard(pool, end);
  const teff_fault fault = call_on_painted_stack(arena, colour);
  board_unguard();
  board_print_number("guarded", (uint32_t)guarded);
  if (went_wrong(fault)) return 1;
  for (p = begin; p < end; ++p) {
    const uint32_t at = (uint32_t)(p - arena);
    if (*p == colour) continue;
    if (p < arena || at >= TEST_ARENA_BYTES) {
      board_print_number("beyond", at);
      return 1;
    }
    if (at < lowest) lowest = at;
    if (at > highest) highest = at;
  }
  board_print_number("outputs", test_outputs(arena, &state));
  return 0;
}

/* Bytes that happen to get the colour that they had are seen in the run with another. */
int main(void) {
  uint8_t* const low = pool + kGuard;
  uint8_t* const high =
      low + (kRoom - TEST_ARENA_BYTES) / 16 * 16; /* as near to the end as its alignment allows */
  if (run(0, low, 0xA5) || run(0, high, 0x5A)) return 1;
  board_print_number("arena_lowest", lowest);
  board_print_number("arena_highest", highest);
  board_print_number("stack", stack_most);
  return 0;
}

#endif
