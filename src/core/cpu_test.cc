#include "core/cpu.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "core/testing.h"

namespace teff {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string limit_error(const char* limit) {
  return error_of([=] { detect_cpu(limit); });
}

bool has(const Cpu& cpu, Isa isa) { return std::ranges::count(cpu.isas, isa) == 1; }

TEST(Cpu, IsasAreInOrderAndBeginWithScalar) {
  const Cpu cpu = detect_cpu(nullptr);
  EXPECT_EQ(cpu.isas.front(), Isa::scalar);
  EXPECT_TRUE(std::ranges::is_sorted(cpu.isas));
  EXPECT_EQ(std::ranges::adjacent_find(cpu.isas), cpu.isas.end());
}

TEST(Cpu, HasANameWithoutBlanksAroundIt) {
  const std::string name = detect_cpu(nullptr).name;
  ASSERT_FALSE(name.empty());
  EXPECT_NE(name.front(), ' ');
  EXPECT_NE(name.back(), ' ');
}

TEST(Cpu, CachesGrowWithTheirLevel) {
  const Cpu cpu = detect_cpu(nullptr);
  std::vector<long> known;
  for (long bytes : {cpu.l1d, cpu.l2, cpu.l3})
    if (bytes != 0) known.push_back(bytes);
  EXPECT_TRUE(std::ranges::is_sorted(known));
  EXPECT_TRUE(std::ranges::all_of(known, [](long bytes) { return bytes >= 4096; }));
}

// The kernel finds the same things on its own way and writes them down.
TEST(Cpu, AgreesWithTheKernel) {
  std::ifstream file("/proc/cpuinfo");
  std::string line;
  while (std::getline(file, line) && !line.starts_with("flags") && !line.starts_with("Features")) {
  }
  std::istringstream words(line);
  const std::set<std::string> flags{std::istream_iterator<std::string>(words), {}};
  if (flags.empty()) GTEST_SKIP() << "the kernel does not say";

  const Cpu cpu = detect_cpu(nullptr);
  const std::pair<Isa, const char*> kFlags[] = {
      {Isa::sse41, "sse4_1"},     {Isa::avx2, "avx2"},
      {Isa::avxvnni, "avx_vnni"}, {Isa::avx512, "avx512vl"},
      {Isa::neon, "asimd"},       {Isa::avx512vnni, "avx512_vnni"},
      {Isa::dotprod, "asimddp"},  {Isa::avx512fp16, "avx512_fp16"},
      {Isa::i8mm, "i8mm"},
  };
  for (const auto& [isa, flag] : kFlags) EXPECT_EQ(has(cpu, isa), flags.count(flag) == 1) << flag;
}

TEST(Cpu, EveryUsableIsaCanBeTheHighest) {
  const Cpu all = detect_cpu("");
  for (Isa highest : all.isas) {
    const Cpu cpu = detect_cpu(name_of(highest));
    EXPECT_EQ(cpu.isas.back(), highest);
    for (Isa isa : all.isas) EXPECT_EQ(has(cpu, isa), isa <= highest) << name_of(isa);
  }
  EXPECT_EQ(detect_cpu("scalar").isas, std::vector{Isa::scalar});
}

TEST(Cpu, AnUnknownLimitIsAnErrorThatListsTheNames) {
  EXPECT_EQ(limit_error("avx3"),
            "TEFF_ISA=avx3: no such instruction set; there are scalar, sse41, avx2, avxvnni, avx512, "
            "avx512vnni, avx512fp16, neon, dotprod, i8mm");
}

TEST(Cpu, ALimitThatThisProcessorLacksIsAnErrorThatListsWhatItHas) {
#if defined(__x86_64__)
  EXPECT_THAT(limit_error("neon"), AllOf(HasSubstr("TEFF_ISA=neon"), HasSubstr("has only scalar")));
#else
  EXPECT_THAT(limit_error("avx2"), AllOf(HasSubstr("TEFF_ISA=avx2"), HasSubstr("has only scalar")));
#endif
}

TEST(Cpu, TheProcessObeysTheEnvironment) {
  const Cpu expected = detect_cpu(std::getenv("TEFF_ISA"));
  EXPECT_EQ(cpu().isas, expected.isas);
  for (int i = 0; i <= static_cast<int>(Isa::i8mm); ++i) {
    const Isa isa = static_cast<Isa>(i);
    EXPECT_EQ(cpu_has(isa), has(expected, isa)) << name_of(isa);
  }
}

}  // namespace
}  // namespace teff
