//go:build !unix

package lock

const (
	// openFlags has nothing here: only the access list of the directory protects the path.
	openFlags = 0
	// removes is false: Windows does not remove a file that another process has open.
	removes = false
)
