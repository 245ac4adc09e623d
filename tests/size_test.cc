// Functions and files stay small enough to be read, and headers say what they are for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "tree.h"

namespace teff {
namespace {

constexpr size_t kFileLines = 600, kFunctionLines = 100, kSimdFunctionLines = 150;

size_t function_limit(const std::string& path) {
  for (const char* folder : {"src/kernels/x86/", "src/kernels/arm/", "src/kernels/cuda/"})
    if (path.starts_with(folder)) return kSimdFunctionLines;
  return kFunctionLines;
}

struct Block {
  size_t first, last;  // line numbers, from 1
  std::string head;
};

bool is_function(std::string_view head) {
  constexpr std::array kOthers = {"class ", "struct ", "union ", "enum ", "namespace", "extern \"C\""};
  return std::ranges::none_of(kOthers, [&](std::string_view word) { return head.starts_with(word); });
}

// Blocks that a line with only a brace closes, functions and what is inside of them, in formatted code: a
// block begins on the last line before its brace that is indented as far. Tables and classes end with "};".
std::vector<Block> blocks_of(const std::vector<std::string>& lines) {
  std::vector<Block> blocks;
  std::map<size_t, size_t> last_at;  // indent -> the last line indented so
  for (size_t i = 0; i < lines.size(); ++i) {
    const size_t indent = lines[i].find_first_not_of(' ');
    if (indent == std::string::npos) continue;
    const std::string_view text = std::string_view(lines[i]).substr(indent);
    if (text[0] == '#' || text.starts_with("//")) continue;
    if (text == "}" && last_at.count(indent)) {
      const size_t head = last_at[indent];
      blocks.push_back({head + 1, i + 1, lines[head].substr(indent)});
    }
    last_at[indent] = i;
  }
  std::erase_if(blocks, [](const Block& block) { return !is_function(block.head); });
  return blocks;
}

TEST(Size, NoFunctionIsTooLong) {
  for (const Source& source : sources())
    for (const Block& block : blocks_of(source.lines))
      EXPECT_LE(block.last - block.first + 1, function_limit(source.path))
          << source.path << ":" << block.first << ": " << block.head;
}

TEST(Size, NoFileIsTooLong) {
  for (const Source& source : sources())
    EXPECT_TRUE(source.lines.size() <= kFileLines || source.path.ends_with(".inc"))
        << source.path << " has " << source.lines.size() << " lines";
}

TEST(Size, EveryHeaderBeginsWithWhatItIsFor) {
  for (const Source& source : sources()) {
    if (!source.path.ends_with(".h")) continue;
    ASSERT_FALSE(source.lines.empty()) << source.path;
    const std::string& first = source.lines[0];
    EXPECT_TRUE((first.starts_with("// ") || first.starts_with("/* ")) && first.size() > 10) << source.path;
  }
}

TEST(Size, TheScannerFindsFunctionsInFormattedCode) {
  const std::vector<std::string> code = {
      "namespace teff {",       // 1
      "struct S {",             // 2
      "  int f() {",            // 3
      "    return 1;",          // 4
      "  }",                    // 5
      "};",                     // 6
      "",                       // 7
      "int g(int a,",           // 8
      "      int b) {",         // 9
      "  if (a) {",             // 10
      "#define X",              // 11
      "    return b;",          // 12
      "  } else {",             // 13
      "    b = 1;",             // 14
      "  }",                    // 15
      "  return a;",            // 16
      "}",                      // 17
      "constexpr int t[] = {",  // 18
      "    1,",                 // 19
      "};",                     // 20
      "}  // namespace teff",   // 21
  };
  std::vector<std::pair<size_t, size_t>> found;
  for (const Block& block : blocks_of(code)) found.push_back({block.first, block.last});
  EXPECT_THAT(found, testing::ElementsAre(std::pair(3, 5), std::pair(13, 15), std::pair(8, 17)));
}

}  // namespace
}  // namespace teff
