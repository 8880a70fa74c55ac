"""What agents may use, asked at the moment of use: decisions that are obeyed, and what was denied."""
