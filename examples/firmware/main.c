/* Firmware around a network that `teff compile fashion --target cortex-m7 -o fashion_c` wrote: it draws a
 * pair of trousers and says which garment the network sees. What is the board's stands in start.c and
 * board.ld; a vendor's project has its own, and takes this file and the two C files of the network as they
 * are. */
#include <stdio.h>

#include "fashion.h"

static const char* const kGarments[FASHION_OUTPUT_0_ELEMENTS] = {
    "T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"};

/* All the memory that the network works in. */
static unsigned char arena[FASHION_ARENA_BYTES] __attribute__((aligned(FASHION_ARENA_ALIGNMENT)));

/* A real firmware would ask its camera: grey values from 0 to 255, row by row. */
static int pixel(int y, int x) {
  const int waist = y >= 3 && y < 9 && x >= 9 && x < 19;
  const int legs = y >= 9 && y < 25 && ((x >= 8 && x < 13) || (x >= 15 && x < 20));
  return waist || legs ? 200 : 0;
}

int main(void) {
  int8_t* input = fashion_input_0(arena);
  const int8_t* scores;
  int i, best = 0;
  /* real = scale * (stored - zero point), and the scale is 1/255: stored = grey value + zero point. */
  for (i = 0; i < FASHION_INPUT_0_ELEMENTS; ++i)
    input[i] = (int8_t)(pixel(i / 28, i % 28) + FASHION_INPUT_0_ZERO_POINT);
  if (fashion_invoke(arena) != TEFF_FINE) return 1;
  scores = fashion_output_0(arena);
  for (i = 1; i < FASHION_OUTPUT_0_ELEMENTS; ++i)
    if (scores[i] > scores[best]) best = i;
  printf("%s (%d %%)\n", kGarments[best], (100 * (scores[best] - FASHION_OUTPUT_0_ZERO_POINT) + 128) / 256);
  return 0;
}
