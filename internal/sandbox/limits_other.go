//go:build !linux && !darwin

package sandbox

import (
	"errors"
	"runtime"
)

func setLimits(Limits) error { return errors.New("not on " + runtime.GOOS) }
