package postgres

import "encoding/binary"

// The wire's numbers are big endian and in two's complement.

func int16At(b []byte) int16 { return int16(binary.BigEndian.Uint16(b)) } //nolint:gosec // the same bits

func int32At(b []byte) int32 { return int32(binary.BigEndian.Uint32(b)) } //nolint:gosec // the same bits

func int64At(b []byte) int64 { return int64(binary.BigEndian.Uint64(b)) } //nolint:gosec // the same bits
