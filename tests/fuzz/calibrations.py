"""Calibration files as other tools, and people, write them."""

from __future__ import annotations

CALIBRATIONS = {
    "opencv": """%YAML:1.0
---
image_width: 640
image_height: 480
Camera_Matrix: !!opencv-matrix
   rows: 3
   cols: 3
   dt: d
   data: [ 5e+02, 0., .5, 0.,
      5.e2, 240., 0., 0., 1. ] # c
D: !!opencv-matrix { rows:1, cols:4, dt:d, data:[ .1, -.2, 0., 0. ] }
flags: 0
""",
    "ros": """image_width: 640
image_height: 480
camera_name: 'a''b'
K: [5e2, 0, 320, 0, 5e2, 240, 0, 0, 1]
distortion_model: rational_polynomial
D: [.1, 0, 0, 0, 0, 0, 0, 0]
R: [1, 0, 0, 0, 1, 0, 0, 0, 1]
binning_x: 0
roi: {x_offset: 0, do_rectify: false}
""",
    "kalibr": """cam0:
  camera_model: pinhole
  intrinsics: [500, 500, 320, 240]
  distortion_model: radtan
  distortion_coeffs: [0.1, 0, 0, 0]
  resolution: [640, 480]
cam1:
  T_cn_cnm1:
  - [1, 0, 0, -0.1]
  - [0, 1, 0, 0]
  - - 0
    - 0
    - 1
    - 0
  - [0, 0, 0, 1]
  camera_model: pinhole
  distortion_coeffs: [0, 0, 0, 0]
  distortion_model: equidistant
  intrinsics: [458, 457, 367, 248]
  resolution: [752, 480]
  rostopic: "/cam0"
""",
    "middlebury": """cam0=[994.978 0 311.193; 0 994.978 254.877; 0 0 1]
cam1=[994.978 0 342.279; 0 994.978 254.877; 0 0 1]
doffs=31.086
baseline=193.001
width=741
height=500
ndisp=80
isint=0
""",
    "apple": """{"calibration_data": {
"intrinsic_matrix": [[500, 0, 0], [0, 500, 0], [320, 240, 1]],
"intrinsicMatrixReferenceDimensions": [640, 480],
"pixelSize": 0.001,
"lensDistortionCenter": [1, 2],
"lensDistortionLookupTable": "AAAAAAAAgD8AAABA"
}}
""",
}
"""One file for each format that `nearfar.read_calibration` knows."""
