// Where rays meet faces, and what is there; compiled once per SIMD level (meet_rows.cpp).
#pragma once

#include "core/simd.hpp"
#include "scene/facet.hpp"

namespace nearfar::scene {

struct MeetRows {
    // Fills a block from its rays and runs: everything up to the texels. `across` and `down` are how much x and y of a
    // ray change from a pixel to the next.
    void (*meet)(Block& block, float across, float down) noexcept;
};

namespace base {
extern const MeetRows meet_rows;
}
#ifdef NEARFAR_X86_LEVELS
namespace v3 {
extern const MeetRows meet_rows;
}
namespace v4 {
extern const MeetRows meet_rows;
}
inline const MeetRows& meet_rows() noexcept { return pick(base::meet_rows, v3::meet_rows, v4::meet_rows); }
#else
inline const MeetRows& meet_rows() noexcept { return base::meet_rows; }
#endif

}  // namespace nearfar::scene
