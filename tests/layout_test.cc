// Includes go down, as docs/layout.md says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <sstream>

#include "tree.h"

namespace teff {
namespace {

struct Room {
  bool sees_everything = false;
  std::vector<std::string> sees;
};

// By name, as includes name them: "core", "kernels/c", "cli".
using Layout = std::map<std::string, Room>;

Layout read_layout() {
  const std::regex row(R"(\s+([a-z0-9/]+)/ .*-> ([a-z /]+))");
  Layout layout;
  std::smatch match;
  for (const std::string& line : lines_of("docs/layout.md")) {
    if (!std::regex_match(line, match, row)) continue;
    Room& room = layout[match[1]];
    std::istringstream words(match[2]);
    for (std::string word; words >> word;) room.sees.push_back(word);
    room.sees_everything = room.sees == std::vector<std::string>{"everything"};
    if (room.sees_everything || room.sees == std::vector<std::string>{"nothing"}) room.sees.clear();
  }
  return layout;
}

bool is_in(const std::string& path, const std::string& room) { return path.starts_with(room + "/"); }

// How includes begin that name a file of the room; public headers are included as "teff/x.h".
std::string prefix_of(const std::string& room) { return room == "include" ? "teff" : room; }

bool sees(const std::string& name, const Room& room, const std::string& include) {
  return room.sees_everything || is_in(include, prefix_of(name)) ||
         std::ranges::any_of(room.sees, [&](const auto& seen) { return is_in(include, prefix_of(seen)); });
}

// The innermost room that holds the file; empty where the table has none.
std::string room_of(const std::string& path, const Layout& layout) {
  const std::string inside = is_in(path, "src") ? path.substr(4) : path;
  std::string found;
  for (const auto& [name, room] : layout)
    if (is_in(inside, name) && name.size() > found.size()) found = name;
  return found;
}

// "file:line: ..." for every include of a source that its room does not allow.
std::vector<std::string> violations(const Source& source, const Layout& layout) {
  const std::regex directive(R"re(\s*#\s*include\s+"([^"]+)".*)re");
  const std::string room = room_of(source.path, layout);
  if (room.empty()) return {source.path + ": in no folder of docs/layout.md"};
  std::vector<std::string> found;
  std::smatch match;
  for (size_t i = 0; i < source.lines.size(); ++i) {
    if (!std::regex_match(source.lines[i], match, directive)) continue;
    const std::string include = match[1];
    const bool neighbour = include.find('/') == std::string::npos;  // a file of the same folder
    if (!neighbour && !sees(room, layout.at(room), include))
      found.push_back(source.path + ":" + std::to_string(i + 1) + ": " + room + " does not see " + include);
  }
  return found;
}

std::vector<std::string> violations(const std::string& path, const std::string& line) {
  return violations(Source{path, {line}}, read_layout());
}

TEST(Layout, EveryIncludeGoesDown) {
  const Layout layout = read_layout();
  for (const Source& source : sources()) EXPECT_THAT(violations(source, layout), testing::IsEmpty());
}

TEST(Layout, EveryFolderIsOnThePage) {
  const Layout layout = read_layout();
  for (const std::string& folder : folders_in("."))
    EXPECT_TRUE(folder == "src" || layout.count(folder) == 1) << folder << " is missing in docs/layout.md";
  for (const std::string& folder : folders_in("src"))
    EXPECT_EQ(layout.count(folder), 1u) << "src/" << folder << " is missing in docs/layout.md";
}

TEST(Layout, NoRoomSeesItselfThroughOthers) {
  const Layout layout = read_layout();
  const auto reaches = [&](const auto& self, const std::string& from, const std::string& to) -> bool {
    return std::ranges::any_of(layout.at(from).sees,
                               [&](const std::string& seen) { return seen == to || self(self, seen, to); });
  };
  for (const auto& [name, room] : layout) EXPECT_FALSE(reaches(reaches, name, name)) << name;
}

TEST(Layout, TheBuildFileAgreesWithThePage) {
  const Layout layout = read_layout();
  const std::regex call(R"(teff_room\(([a-z]+)(?: SEES ([a-z ]+))?\))");
  std::smatch match;
  int rooms = 0;
  for (const std::string& line : lines_of("CMakeLists.txt")) {
    if (!std::regex_match(line, match, call)) continue;
    ++rooms;
    std::istringstream words(match[2]);
    const std::vector<std::string> sees{std::istream_iterator<std::string>(words), {}};
    ASSERT_EQ(layout.count(match[1]), 1u) << match[1];
    std::vector<std::string> page = layout.at(match[1]).sees;
    std::erase(page, "include");  // headers alone: nothing to build
    EXPECT_THAT(page, testing::UnorderedElementsAreArray(sees)) << match[1];
  }
  EXPECT_GE(rooms, 6);
}

TEST(Layout, TheCheckItselfFindsWhatGoesUpOrSideways) {
  using testing::ElementsAre;
  using testing::IsEmpty;
  EXPECT_THAT(violations("src/core/x.h", "#include \"graph/graph.h\""),
              ElementsAre("src/core/x.h:1: core does not see graph/graph.h"));
  EXPECT_THAT(violations("src/run/x.cc", "#  include \"emit/c.h\"  // why"),
              ElementsAre("src/run/x.cc:1: run does not see emit/c.h"));
  EXPECT_THAT(violations("src/kernels/c/x.h", "#include \"core/types.h\""),
              ElementsAre("src/kernels/c/x.h:1: kernels/c does not see core/types.h"));
  EXPECT_THAT(violations("src/plan/x.cc", "#include \"../run/x.h\""),
              ElementsAre("src/plan/x.cc:1: plan does not see ../run/x.h"));
  EXPECT_THAT(violations("examples/x.c", "#include \"core/types.h\""),
              ElementsAre("examples/x.c:1: examples does not see core/types.h"));
  EXPECT_THAT(violations("include/teff/x.h", "#include \"core/types.h\""),
              ElementsAre("include/teff/x.h:1: include does not see core/types.h"));
  EXPECT_THAT(violations("src/attic/x.h", ""), ElementsAre("src/attic/x.h: in no folder of docs/layout.md"));

  EXPECT_THAT(violations("src/run/x.cc", "#include \"kernels/c/conv.h\""), IsEmpty());
  EXPECT_THAT(violations("src/kernels/c/x.h", "#include \"base.h\""), IsEmpty());
  EXPECT_THAT(violations("src/core/x.h", "#include <vector>"), IsEmpty());
  EXPECT_THAT(violations("cli/run.cc", "#include \"run/program.h\""), IsEmpty());
  EXPECT_THAT(violations("examples/x.c", "#include \"teff/teff.h\""), IsEmpty());
  EXPECT_THAT(violations("include/teff/x.h", "#include \"teff/y.h\""), IsEmpty());
}

}  // namespace
}  // namespace teff
