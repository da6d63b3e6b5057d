"""Names of groups of sources that are scored together; a table's group has the name of its item."""

# Begins the name of a study's group.
STUDY = "study_"

# Nearest and bicubic, which need no training and calibrate a protocol.
CALIBRATION = "baselines"
