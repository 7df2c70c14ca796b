package upload

import (
	"errors"
	"hash/crc32"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path/filepath"
)

// ErrChanged says that a file was written to while it was read, so that the object would have been
// neither its old nor its new content.
var ErrChanged = errors.New("the file changed while it was read")

// sniffBytes is all that http.DetectContentType looks at.
const sniffBytes = 512

// steadyFile reads a file once, and answers ErrChanged in place of io.EOF when the file is no longer
// what it was when it was opened: so the transfer fails before its last request instead of after it.
type steadyFile struct {
	file   *os.File
	opened fs.FileInfo
	read   int64
	crc32  uint32 // of what was read
}

// open opens a regular file. It looks before it opens, for opening a pipe waits and opening a device may
// do something.
func open(path string) (*steadyFile, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, withoutPath(err)
	}
	if err := checkRegular(info); err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, withoutPath(err)
	}
	opened, err := file.Stat()
	if err == nil {
		err = checkRegular(opened)
	}
	if err != nil {
		file.Close()
		return nil, withoutPath(err)
	}
	return &steadyFile{file: file, opened: opened}, nil
}

func checkRegular(info fs.FileInfo) error {
	switch {
	case info.IsDir():
		return errors.New("it is a directory")
	case !info.Mode().IsRegular():
		return errors.New("it is not a regular file")
	}
	return nil
}

func (f *steadyFile) size() int64 { return f.opened.Size() }

// Read implements io.Reader.
func (f *steadyFile) Read(p []byte) (int, error) {
	n, err := f.file.Read(p)
	f.read += int64(n)
	f.crc32 = crc32.Update(f.crc32, crc32.IEEETable, p[:n])
	switch {
	case f.read > f.size():
		return n, ErrChanged
	case err == io.EOF:
		return n, f.end()
	case err != nil:
		return n, withoutPath(err)
	}
	return n, nil
}

func (f *steadyFile) end() error {
	now, err := f.file.Stat()
	if err != nil {
		return withoutPath(err)
	}
	if f.read != f.size() || now.Size() != f.size() || !now.ModTime().Equal(f.opened.ModTime()) {
		return ErrChanged
	}
	return io.EOF
}

func (f *steadyFile) Close() error { return f.file.Close() }

// contentType goes by the extension, else by the first bytes, which it reads without moving on.
func (f *steadyFile) contentType() (string, error) {
	if byExtension := mime.TypeByExtension(filepath.Ext(f.file.Name())); byExtension != "" {
		return byExtension, nil
	}
	if f.size() == 0 {
		return "application/octet-stream", nil
	}
	start := make([]byte, sniffBytes)
	n, err := f.file.ReadAt(start, 0)
	if err != nil && err != io.EOF {
		return "", withoutPath(err)
	}
	return http.DetectContentType(start[:n]), nil
}

// withoutPath drops the path that whoever reports the error names already.
func withoutPath(err error) error {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err
	}
	return err
}
