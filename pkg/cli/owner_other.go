//go:build !unix

package cli

// ownedByUs is always true where there is no root.
func ownedByUs(string) bool { return true }
