// The C++ interface over the rooms behind it.
#include "teff/teff.h"

#include "core/bytes.h"
#include "core/error.h"
#include "core/file.h"
#include "core/threads.h"
#include "graph/load.h"
#include "run/compile.h"
#include "run/instance.h"

namespace teff {
namespace {

TensorInfo info_of(const Tensor& tensor) {
  TensorInfo info;
  info.name = tensor.name;
  info.type = tensor.type;
  info.shape.assign(tensor.shape.begin(), tensor.shape.end());
  info.scales = tensor.quant.scales;
  info.zero_points = tensor.quant.zeros;
  info.channel_axis = tensor.quant.axis;
  info.bytes = bytes_for(tensor.type, tensor.shape.elements());
  info.number = tensor.source;
  return info;
}

std::vector<TensorInfo> infos_of(const Graph& graph, const std::vector<TensorId>& ids) {
  std::vector<TensorInfo> infos;
  for (TensorId id : ids) infos.push_back(info_of(graph.tensor(id)));
  return infos;
}

Network network_of(Model model, const LoadOptions& options) {
  return Network(compile(std::move(model), compile_options(options)));
}

// Which operator of the file a tensor is the first result of.
int source_op_of(const Model& model, TensorId source) {
  for (size_t i = 0; i < model.source_ops.size(); ++i)
    if (source != kNoTensor && model.source_ops[i].output == source) return static_cast<int>(i);
  return -1;
}

}  // namespace

Network::Network(std::shared_ptr<const Program> program)
    : program_(std::move(program)),
      inputs_(infos_of(program_->model.main(), program_->model.main().inputs)),
      outputs_(infos_of(program_->model.main(), program_->model.main().outputs)) {}

Network Network::load(const std::string& path, const LoadOptions& options) {
  return network_of(load_model(path), options);
}

Network Network::parse(std::span<const std::byte> file, const std::string& name, const LoadOptions& options) {
  return network_of(parse_model(Bytes::of(file), name), options);
}

int64_t Network::working_memory() const { return program_->arena_bytes + program_->scratch_bytes; }

Session::Session(const Network& network, int threads)
    : network_(network),
      instance_(std::make_unique<Instance>(network.program(), threads > 0 ? threads : hardware_threads())) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

std::span<std::byte> Session::input_bytes(int i) { return instance_->input(i).bytes; }
std::span<const std::byte> Session::output_bytes(int i) const { return instance_->output(i).bytes; }

bool Session::run() { return instance_->run(); }

bool Session::run(const LayerObserver& observer) {
  const Model& model = instance_->program().model;
  return instance_->run([&](const Node& node) {
    if (node.outputs.empty()) return;
    const Tensor& tensor = model.main().tensor(node.outputs[0]);
    const int index = source_op_of(model, tensor.source);
    if (index < 0 || bits_of(tensor.type) == 0) return;
    const TensorInfo info = info_of(tensor);
    observer({index, model.source_ops[static_cast<size_t>(index)].name.c_str(), &info,
              instance_->tensor(node.outputs[0]).bytes});
  });
}

void Session::reset() { instance_->reset(); }

void Session::expect(const TensorInfo& tensor, Type asked) {
  check(tensor.type == asked, "tensor '{}' holds {}, not {}", tensor.name, name_of(tensor.type),
        name_of(asked));
}

}  // namespace teff
