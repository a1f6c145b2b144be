//go:build !linux

package sandbox

import (
	"errors"
	"os"
	"runtime"
)

// ErrOrphan is returned by Apply when the parent has died.
var ErrOrphan = errors.New("sandbox: the parent process is gone")

// Apply sets the resource limits; the rest does not exist on this system, and
// the report says so.
func Apply(p Policy) (Report, error) {
	if err := p.validate(); err != nil {
		return Report{}, err
	}
	if os.Getppid() != p.Parent {
		return Report{}, ErrOrphan
	}
	var n notes
	n.note(PartRlimits, "", setLimits(p.Limits))
	for _, name := range []string{
		PartLandlock, PartSeccomp, PartNoNewPrivs, PartParentDeath, PartDumpable, PartDescriptors, PartOOMScore,
	} {
		n.note(name, "", errors.New("not on "+runtime.GOOS))
	}
	return Report{Parts: n}, nil
}

// SelfTest has nothing to test: no part that it could try exists here.
func SelfTest() []Finding { return nil }
