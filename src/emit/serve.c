/* The board's side of `teff tune --serial`: runs the network when it is asked to, and says what each layer
 * took.
 *
 * Build it with -DTEFF_HOOKED, the network and a file of the board's own that has a main() and
 *
 *   int serve_get(void);             the next byte of the serial line, waiting for it; -1: there will be none
 *   void serve_put(uint8_t byte);    sends one
 *   uint32_t serve_cycles(void);     a counter that only goes up, and over: of the core's cycles, if it has
 * one
 *
 * main() sets up clocks, line and counter and calls serve(). Where the network was planned for several
 * memories, say where each piece of the arena belongs, in the order of the header's macros:
 * -DSERVE_PIECE_0='__attribute__((section(".dtcm")))' and so on.
 *
 *   to the board:    teff run
 *   from the board:  teff layers 18
 *                    teff layer 0 18230        of each layer, in order, what it took
 *                    teff end 541200           all of them, and what is between them
 *
 * In place of the numbers comes "teff differs 3" where the board computes another layer 3 than the computer
 * that wrote the network, and "teff fault 1" where the network fails. */
#include <stdint.h>

int serve_get(void);
void serve_put(uint8_t byte);
uint32_t serve_cycles(void);
void serve(void);

static void pause_time(void);
static void go_on(void);
#define TEST_PAUSE() pause_time()
#define TEST_GO_ON() go_on()
#define TEST_PIECES /* of the arena are those below */
#include "recorded.h"

#ifndef SERVE_PIECE_0
#define SERVE_PIECE_0
#endif
#ifndef SERVE_PIECE_1
#define SERVE_PIECE_1
#endif
#ifndef SERVE_PIECE_2
#define SERVE_PIECE_2
#endif
#ifndef SERVE_PIECE_3
#define SERVE_PIECE_3
#endif
#ifndef SERVE_PIECE_4
#define SERVE_PIECE_4
#endif

static unsigned char piece_0[TEST_PIECE_0_BYTES] __attribute__((aligned(16))) SERVE_PIECE_0;
#ifdef TEST_PIECE_1_BYTES
static unsigned char piece_1[TEST_PIECE_1_BYTES] __attribute__((aligned(16))) SERVE_PIECE_1;
#endif
#ifdef TEST_PIECE_2_BYTES
static unsigned char piece_2[TEST_PIECE_2_BYTES] __attribute__((aligned(16))) SERVE_PIECE_2;
#endif
#ifdef TEST_PIECE_3_BYTES
static unsigned char piece_3[TEST_PIECE_3_BYTES] __attribute__((aligned(16))) SERVE_PIECE_3;
#endif
#ifdef TEST_PIECE_4_BYTES
static unsigned char piece_4[TEST_PIECE_4_BYTES] __attribute__((aligned(16))) SERVE_PIECE_4;
#endif
#ifdef TEST_PIECE_1_BYTES
unsigned char* const test_pieces[] = {
    piece_0, piece_1,
#ifdef TEST_PIECE_2_BYTES
    piece_2,
#endif
#ifdef TEST_PIECE_3_BYTES
    piece_3,
#endif
#ifdef TEST_PIECE_4_BYTES
    piece_4,
#endif
};
#endif

static test_state state;
static uint32_t taken[TEST_LAYERS], crcs[TEST_LAYERS], since;
static int checks; /* results; or else times */

static void go_on(void) { since = serve_cycles(); }

/* The way to rows of the input is the first layer's, which wants them. */
__attribute__((unused)) static void pause_time(void) { taken[0] += serve_cycles() - since; }

#ifdef __cplusplus
extern "C"
#endif
    void
    teff_hook(int32_t layer, const void* data, int32_t bytes, int32_t first, int32_t last) {
  taken[layer] += serve_cycles() - since;
  (void)last;
  if (checks) crcs[layer] = test_crc(first == 0 ? 0 : crcs[layer], data, bytes);
  go_on();
}

static void say(const char* text) {
  while (*text) serve_put((uint8_t)*text++);
}

static void say_number(uint32_t number) {
  char digits[12], *p = digits + sizeof digits - 1;
  *p = 0;
  do {
    *--p = (char)('0' + number % 10u);
    number /= 10u;
  } while (number != 0);
  say(" ");
  say(p);
}

static void say_line(const char* text, uint32_t number) {
  say(text);
  say_number(number);
  say("\n");
}

/* What a call takes behind its last layer. */
static uint32_t run(teff_fault* fault) {
  int layer;
  for (layer = 0; layer < TEST_LAYERS; ++layer) taken[layer] = crcs[layer] = 0;
  test_init(&state);
  test_fill(piece_0, &state, test_seeds[0]);
  go_on();
  *fault = test_invoke(piece_0, &state);
  return serve_cycles() - since;
}

/* Once to see that all is as it should be, which brings the code into the caches; then to time it. */
static void answer(void) {
  int layer;
  teff_fault fault;
  uint32_t total;
  checks = 1;
  run(&fault);
  if (fault != TEFF_FINE && fault != TEFF_ENOUGH) {
    say_line("teff fault", (uint32_t)fault);
    return;
  }
  for (layer = 0; layer < test_layers_run[0]; ++layer)
    if (crcs[layer] != test_crcs[layer]) {
      say_line("teff differs", (uint32_t)layer);
      return;
    }
  checks = 0;
  total = run(&fault);
  say_line("teff layers", TEST_LAYERS);
  for (layer = 0; layer < TEST_LAYERS; ++layer) {
    total += taken[layer];
    say("teff layer");
    say_number((uint32_t)layer);
    say_line("", taken[layer]);
  }
  say_line("teff end", total);
}

void serve(void) {
  static const char wanted[] = "teff run";
  int at = 0, byte; /* so many bytes of the line are as wanted; -1: it is another line */
  while ((byte = serve_get()) >= 0) {
    if (byte == '\r') continue;
    if (byte == '\n') {
      if (at == (int)sizeof wanted - 1) answer();
      at = 0;
    } else {
      at = at >= 0 && at < (int)sizeof wanted - 1 && byte == wanted[at] ? at + 1 : -1;
    }
  }
}
