//go:build !linux

package membudget

func beGlutton() {}
