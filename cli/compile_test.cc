// Networks as C: what is written, what compilers say to it, what is shown.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "arena_svg.h"
#include "board_run.h"
#include "command.h"
#include "compile_html.h"
#include "compile_testing.h"
#include "core/error.h"
#include "core/file.h"
#include "process.h"

namespace teff::cli {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// What `command` says about the folder's sources; empty: nothing.
std::string complaints(std::vector<std::string> command, const Emitted& emitted, const std::string& folder) {
  command.insert(command.end(), kStrict.begin(), kStrict.end());
  std::string text;
  for (const std::string& file : {emitted.name + ".c", emitted.name + "_weights.c",
                                  std::string("test/test.c"), std::string("test/serve.c")}) {
    std::vector<std::string> one = command;
    one.insert(one.end(), {"-c", file, "-o", "/dev/null"});
    const Finished finished = run_process(one, folder, kSeconds);
    text += finished.err + (finished.status == 0 ? "" : "FAILED");
  }
  return text;
}

TEST(Emitted, CompilesWithoutAWarningAsC99AndAsCpp) {
  for (const char* target : {"m0plus", "m7", "m55"}) {
    const Compilation c = compiled("fashion", target, "speed");
    TemporaryDirectory folder;
    write_files(c.emitted.files, folder.path());
    EXPECT_EQ(complaints({"cc", "-std=c99", "-O2"}, c.emitted, folder.path()), "") << target;
    EXPECT_EQ(complaints({"c++", "-x", "c++", "-std=c++11", "-O1"}, c.emitted, folder.path()), "") << target;
    if (!has_program("clang-19")) continue;
    EXPECT_EQ(complaints({"clang-19", "-std=c99", "-O1", "-DTEFF_HOOKED"}, c.emitted, folder.path()), "")
        << target;
  }
}

TEST(Emitted, TakesItsInputInRowsWhereThatWasAskedFor) {
  const Compilation c = compiled("fashion", "m7", "sram", false, true);
  TemporaryDirectory folder;
  write_files(c.emitted.files, folder.path());
  EXPECT_EQ(complaints({"cc", "-std=c99", "-O1"}, c.emitted, folder.path()), "");
  EXPECT_EQ(complaints({"c++", "-x", "c++", "-std=c++11", "-O1"}, c.emitted, folder.path()), "");
  const std::string& header = c.emitted.files[0].text;
  EXPECT_THAT(header, HasSubstr("typedef teff_rows_source fashion_rows;"));
  EXPECT_THAT(header, HasSubstr("fashion_invoke(void* arena, fashion_rows rows, void* context);"));
  EXPECT_THAT(header, HasSubstr("#define FASHION_INPUT_0_ROWS 28\n#define FASHION_INPUT_0_ROW_BYTES 28\n"));
  EXPECT_THAT(header, testing::Not(HasSubstr("fashion_input_0(")));
}

TEST(Emitted, SaysWhyAnInputCannotComeInRows) {
  const std::string model = shared() + "/models/ad.tflite";
  if (!fs::exists(model)) GTEST_SKIP() << model << " is not there";
  try {
    compiled(model, "m7", "sram", false, true);
    FAIL() << "a fully connected layer took rows";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("FULLY_CONNECTED takes all of it at once"));
  }
}

TEST(Emitted, NeedsNoMemoryFromAnyoneElse) {
  const Compilation c = compiled("fashion", "m7", "sram");
  for (const EmittedFile& file : c.emitted.files)
    if (!file.path.starts_with("test/")) {
      EXPECT_THAT(file.text, testing::Not(HasSubstr("malloc("))) << file.path;
      EXPECT_THAT(file.text, testing::Not(HasSubstr("#include <stdlib"))) << file.path;
    }
}

TEST(Emitted, WeightsAreCountedAsTheNetworkHasThem) {
  const std::string model = shared() + "/models/kws.tflite";
  if (!fs::exists(model)) GTEST_SKIP() << model << " is not there";
  // 23552 weights, 588 biases, 588 scales: one of each for every output channel.
  EXPECT_EQ(compiled(model, "m7", "speed").weight_bytes, 22016 + 4 * 588 + 8 * 588);
}

// --- what is shown ---

TEST(ArenaBoxes, LieWithinTheArenaAndReachItsEnd) {
  for (const char* optimize : {"speed", "sram"}) {
    const Compilation c = compiled("fashion", "m7", optimize);
    int64_t end = 0;
    for (const ArenaBox& box : arena_boxes(*c.program)) {
      EXPECT_GE(box.offset, 0);
      EXPECT_LT(box.begin, box.end);
      end = std::max(end, box.offset + box.bytes);
    }
    EXPECT_EQ(end, c.emitted.arena_bytes) << optimize;
  }
}

TEST(CompileHtml, IsOnePageThatFetchesNothing) {
  CompileReport report;
  report.model = "fashion <1>";
  report.options = {.target = find_target("m7"), .optimize = "sram", .sram = {}};
  report.compilation = compile_for("fashion", report.options);
  report.ablation.memory = ablate_sram(report.compilation, report.options);
  report.front = make_front("fashion", report.options, report.compilation, false);
  const std::string page = compile_html(report);
  EXPECT_THAT(page, testing::StartsWith("<!doctype html>"));
  EXPECT_THAT(page, testing::EndsWith("</html>\n"));
  EXPECT_THAT(page, HasSubstr("fashion &lt;1&gt;"));
  EXPECT_THAT(page, HasSubstr("rows that take turns"));
  EXPECT_THAT(page, HasSubstr("point taken"));
  for (const char* fetched : {"http:", "https:", "<script", "<link", "src=", "url("})
    EXPECT_THAT(page, testing::Not(HasSubstr(fetched)));
}

// --- several memories ---

Compilation on_board(int64_t inside, double wait) {
  static Target board;
  board = *find_target("m7");
  board.sram = {{"inside", inside}, {"beside", 1 << 20, wait, true}};
  return compile_for("fashion", {.target = &board, .sram = board.sram_bytes()});
}

TEST(MemoryBesideTheChip, IsWeighedAgainstRowsThatTakeTurns) {
  const auto parts = [](const Compilation& c) {
    std::vector<std::string> names;
    for (const ArenaPart& part : c.program->arena_parts) names.push_back(part.region);
    return names;
  };
  using testing::ElementsAre;
  EXPECT_THAT(parts(on_board(12000, 0)), ElementsAre("inside", "beside"));  // costs nothing: the fastest plan
  EXPECT_THAT(parts(on_board(12000, 20)), ElementsAre("inside"));  // rows take turns, and it is not needed
  const Compilation least = on_board(6000, 20);                    // they do not suffice
  EXPECT_THAT(parts(least), ElementsAre("inside", "beside"));
  EXPECT_GT(least.program->arena_parts[0].accesses, 0.5);
}

// --- which kernel, and why ---

TEST(Layers, SayWhichKernelAndWhy) {
  for (const char* target : {"m0plus", "m7", "m55"})
    for (const char* optimize : {"speed", "sram", "flash"})
      for (const EmittedLayer& layer : compiled("fashion", target, optimize).emitted.layers) {
        EXPECT_NE(layer.words, "") << layer.name;
        EXPECT_NE(layer.why, "") << layer.name;
        const bool own = layer.why.find("own copy") != std::string::npos;
        EXPECT_TRUE(!own || layer.own_code) << layer.why;
        EXPECT_FALSE(own && std::string(optimize) == "flash") << layer.why;
      }
  const auto layers = compiled("fashion", "m7", "sram").emitted.layers;
  EXPECT_EQ(layers[0].words, "3x3 convolution: pairs of 16 bits");
  EXPECT_THAT(layers[0].why, HasSubstr("the core multiplies pairs; scaled exactly by a high product; "
                                       "rows streamed: line buffer of 3 of 28 rows"));
}

TEST(Ablation, OfMemoryNeverTakesLess) {
  for (const char* optimize : {"speed", "sram"}) {
    const CompilationOptions options{
        .target = find_target("m7"), .optimize = optimize, .sram = {}, .flash = {}};
    const Compilation c = compile_for("fashion", options);
    const auto memory = ablate_sram(c, options);
    for (const MemoryAblation& a : memory) EXPECT_GE(a.bytes, c.emitted.arena_bytes) << a.technique;
    EXPECT_GT(memory[0].bytes, 2 * c.emitted.arena_bytes);
    EXPECT_THAT(ablation_text({.memory = memory, .counted = {}}, c.emitted.arena_bytes, 0, 0),
                HasSubstr("rows that take turns"));
  }
}

// --- the folder ---

TEST(ReplaceDirectory, ReplacesOnlyWhatItWroteItself) {
  TemporaryDirectory folder;
  const std::string target = folder.path() + "/a/out";
  replace_directory(target, {{"x/y.c", "1"}});
  replace_directory(target + "/", {{"z.c", "2"}});
  EXPECT_TRUE(fs::exists(target + "/z.c"));
  EXPECT_FALSE(fs::exists(target + "/x"));
  const std::string other = folder.path() + "/other";
  make_directories(other);
  replace_directory(other, {{"z.c", "2"}});  // an empty folder is fine
  make_directories(folder.path() + "/mine");
  write_file(folder.path() + "/mine/thesis.txt", std::string("1"));
  EXPECT_THROW(replace_directory(folder.path() + "/mine", {{"z.c", "2"}}), Error);
  EXPECT_TRUE(fs::exists(folder.path() + "/mine/thesis.txt"));
  EXPECT_THROW(replace_directory(folder.path() + "/mine/thesis.txt", {{"z.c", "2"}}), Error);
  for (const fs::directory_entry& entry : fs::directory_iterator(folder.path()))
    EXPECT_THAT(entry.path().string(), testing::Not(HasSubstr(".part"))) << "left behind";
}

// --- the command ---

int run_command(std::vector<const char*> words) {
  const Arguments arguments(kCompile.spec, words);
  return kCompile.run(arguments);
}

TEST(CompileCommand, SaysWhatIsWrongWithItsUsage) {
  TemporaryDirectory folder;
  const std::string out = folder.path() + "/out";
  const auto error = [&](std::vector<const char*> words) -> std::string {
    try {
      run_command(words);
    } catch (const UsageError& usage) {
      return usage.what();
    }
    return "no error";
  };
  EXPECT_THAT(error({"fashion", "-o", out.c_str()}), HasSubstr("--target NAME"));
  EXPECT_THAT(error({"fashion", "--target", "z80", "-o", out.c_str()}), HasSubstr("no target 'z80'"));
  EXPECT_THAT(error({"fashion", "--target", "m7", "-o", out.c_str(), "--optimize", "size"}),
              HasSubstr("flash"));
  EXPECT_THAT(error({"fashion", "--target", "m7", "-o", out.c_str(), "--sram", "64Q"}), HasSubstr("64K"));
  EXPECT_FALSE(fs::exists(out));
}

TEST(CompileCommand, ABudgetThatIsTooSmallWritesNothing) {
  TemporaryDirectory folder;
  const std::string out = folder.path() + "/out";
  EXPECT_THROW(run_command({"fashion", "--target", "m7", "-o", out.c_str(), "--sram", "1K"}), Error);
  EXPECT_THROW(run_command({"fashion", "--target", "m7", "-o", out.c_str(), "--flash", "8K"}), Error);
  EXPECT_FALSE(fs::exists(out));
}

}  // namespace
}  // namespace teff::cli
