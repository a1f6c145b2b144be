//go:build !linux

package sandbox

import (
	"fmt"
	"os"
	"runtime"
)

// Cgroups makes cgroups for workers.
type Cgroups struct{}

// NewCgroups says that there are none.
func NewCgroups() (*Cgroups, error) {
	return nil, fmt.Errorf("%w: not on %s", ErrNoCgroups, runtime.GOOS)
}

// Make is never reached: NewCgroups makes no Cgroups here.
func (*Cgroups) Make(name string, l CgroupLimits) (dir *os.File, remove func() error, err error) {
	if err := l.validate(name); err != nil {
		return nil, nil, err
	}
	return nil, nil, ErrNoCgroups
}

// Close has nothing to undo.
func (*Cgroups) Close() error { return nil }
