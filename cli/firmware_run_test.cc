// examples/firmware as docs/microcontrollers.md builds and runs it.
#include <gtest/gtest.h>

#include <sstream>

#include "board_run.h"
#include "compile_testing.h"
#include "process.h"

namespace teff::cli {
namespace {

TEST(Firmware, OfTheExampleBootsAndSeesTrousers) {
  const Target& target = *find_target("m7");
  const std::string missing = missing_tools(target);
  if (!missing.empty()) GTEST_SKIP() << missing;
  TemporaryDirectory folder;
  write_files(compiled("fashion", "m7", "speed").emitted.files, folder.path());
  const std::string example = TEFF_ROOT "/examples/firmware";
  std::vector<std::string> build{std::string(target.core->compiler)};
  std::istringstream flags{std::string(target.core->flags)};
  for (std::string flag; flags >> flag;) build.push_back(flag);
  for (const std::string& word :
       {std::string("-std=c99"), std::string("-O2"), std::string("-Wall"), std::string("-Wextra"),
        std::string("-Werror"), std::string("-I."), example + "/main.c", example + "/start.c",
        std::string("fashion.c"), std::string("fashion_weights.c"), std::string("-nostartfiles"),
        std::string("--specs=rdimon.specs"), "-T" + example + "/board.ld", std::string("-Wl,--gc-sections"),
        std::string("-o"), std::string("firmware.elf")})
    build.push_back(word);
  const Finished built = run_process(build, folder.path(), kSeconds);
  ASSERT_EQ(built.status, 0) << built.err;
  const Finished ran =
      run_process({"qemu-system-arm", "-M", "mps2-an500", "-display", "none", "-serial", "none", "-monitor",
                   "none", "-chardev", "stdio,id=out", "-semihosting-config",
                   "enable=on,target=native,chardev=out", "-kernel", "firmware.elf"},
                  folder.path(), kSeconds);
  EXPECT_EQ(ran.out, "trouser (99 %)\n") << ran.err;
}

}  // namespace
}  // namespace teff::cli
