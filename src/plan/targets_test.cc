#include "plan/targets.h"

#include <gtest/gtest.h>

namespace teff {
namespace {

TEST(Targets, AreFoundByAllTheirNames) {
  for (const char* name : {"cortex-m7", "m7", "M7", "Cortex-M7"})
    EXPECT_EQ(find_target(name)->name, "cortex-m7");
  for (const char* name : {"cortex-m0plus", "m0plus", "m0+", "cortex-m0+"})
    EXPECT_EQ(find_target(name)->name, "cortex-m0plus");
  EXPECT_EQ(find_target("STM32F746")->core->name, "cortex-m7");
  EXPECT_EQ(find_target("f746"), find_target("nucleo-f746zg"));
  EXPECT_EQ(find_target("z80"), nullptr);
  EXPECT_EQ(find_target(""), nullptr);
}

TEST(Targets, BoardsKnowTheirMemory) {
  EXPECT_EQ(find_target("stm32f746")->sram_bytes(), 320 * 1024);
  EXPECT_EQ(find_target("stm32l4r5")->sram_bytes(), 640 * 1024);
  EXPECT_EQ(find_target("stm32u575")->sram_bytes(), 784 * 1024);
  EXPECT_EQ(find_target("cortex-m4")->sram_bytes(), 0);
}

// What lies on the chip comes first, the nearest first; what lies beside it costs most.
TEST(Targets, BoardsMayHaveMemoryBesideTheChip) {
  const Target* board = find_target("stm32f746g-disco");
  EXPECT_EQ(board->internal_bytes(), 320 * 1024);
  EXPECT_EQ(board->sram_bytes(), (320 + 8 * 1024) * 1024);
  // 22 clocks of 108 MHz for a line of 8 words, the core at 216.
  EXPECT_DOUBLE_EQ(board->sram.back().wait, 22 * 2 / 8.0);
  for (const Target& target : targets())
    for (size_t i = 1; i < target.sram.size(); ++i) {
      EXPECT_LE(target.sram[i - 1].wait, target.sram[i].wait) << target.name;
      EXPECT_LE(target.sram[i - 1].external, target.sram[i].external) << target.name;
    }
}

}  // namespace
}  // namespace teff
