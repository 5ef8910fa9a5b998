// The seven predictors of lossless JPEG (T.81 table H.1).
#pragma once

namespace nearfar::photo {

template <int predictor>
int predict(int left, int above, int above_left) noexcept {
    static_assert(predictor >= 1 && predictor <= 7);
    switch (predictor) {
        case 1: return left;
        case 2: return above;
        case 3: return above_left;
        case 4: return left + above - above_left;
        case 5: return left + ((above - above_left) >> 1);
        case 6: return above + ((left - above_left) >> 1);
        default: return (left + above) >> 1;
    }
}

// Calls visit.operator()<predictor>(), so that a row's loop is compiled for its predictor.
template <class Visit>
void with_predictor(int predictor, const Visit& visit) {
    switch (predictor) {
        case 1: visit.template operator()<1>(); break;
        case 2: visit.template operator()<2>(); break;
        case 3: visit.template operator()<3>(); break;
        case 4: visit.template operator()<4>(); break;
        case 5: visit.template operator()<5>(); break;
        case 6: visit.template operator()<6>(); break;
        default: visit.template operator()<7>(); break;
    }
}

}  // namespace nearfar::photo
