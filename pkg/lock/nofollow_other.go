//go:build !unix

package lock

// noFollow has no counterpart here; the directory's own access list must do.
const noFollow = 0
