#include "xr/format_rows.hpp"

namespace nearfar::xr::NEARFAR_LEVEL {
namespace {

void millimetres(const float* __restrict values, std::size_t count, double scale,
                 std::uint16_t* __restrict out) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        const auto metres = static_cast<float>(static_cast<double>(values[i]) * scale);
        const double above = static_cast<double>(metres) * 1000.0 + 0.5;
        const bool known = above >= 1.0 && above < 65536.0;  // false for NaN
        out[i] = static_cast<std::uint16_t>(static_cast<std::int32_t>(known ? above : 0.0));
    }
}

}  // namespace

extern const FormatRows format_rows;
const FormatRows format_rows{millimetres};

}  // namespace nearfar::xr::NEARFAR_LEVEL
