//go:build !linux

package membudget

func openMeter(int) (meter, error) { return nil, errUnsupported }
