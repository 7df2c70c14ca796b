// Package upload uploads files to S3, under the user's own prefix.
//
// Plan and Key choose the object keys; every key begins with the prefix. An Uploader sends the files through the SDK's
// transfer manager, large ones in parts.
package upload

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/internal/awsclient"
)

// Uploader uploads files to one prefix of one bucket. Its fields must be set before the first Upload. Its methods may be
// called at the same time. It must not be copied.
type Uploader struct {
	Bucket string
	// Prefix is the expanded prefix, as credential.Credential.Prefix returns it. It ends in "/".
	Prefix string
	// Credentials returns the credential to sign with. It is called before the first request, and again when the
	// credential is about to expire.
	Credentials func(context.Context) (credential.Credential, error)
	awsclient.Options
	// PathStyle puts the bucket's name into the URL's path instead of its host.
	PathStyle bool
	// ChecksumWhenRequired omits the CRC32 by which S3 verifies what it received, for servers that do not support it.
	ChecksumWhenRequired bool
	// Warn is called once if the server at Endpoint does not confirm what it stored; it may be nil. Without an Endpoint a
	// missing confirmation is an error.
	Warn func(error)

	building sync.Once
	client   *s3.Client
	warned   sync.Once
}

// Object is an uploaded file.
type Object struct {
	// URL is s3://BUCKET/KEY.
	URL         string
	Bucket, Key string
	// Size is in bytes.
	Size        int64
	ContentType string
	// ETag is as S3 returns it, with its quotes; VersionID is "" in a bucket without versions.
	ETag, VersionID string
}

// Upload uploads one file and replaces the object of its key. It fails with ErrChanged if the file changes meanwhile. If a
// multipart upload fails or its context ends, its parts are deleted, unless the server does not respond within 15
// seconds. Every error is an *Error.
func (u *Uploader) Upload(ctx context.Context, file File) (Object, error) {
	object := Object{URL: "s3://" + u.Bucket + "/" + file.Key, Bucket: u.Bucket, Key: file.Key}
	if err := u.send(ctx, file, &object); err != nil {
		return Object{}, newError(file, object.URL, interrupted(ctx, err))
	}
	return object, nil
}

// interrupted puts the context's error first. The SDK's error adds nothing to it, unless the upload could not be aborted
// either: that error is added, because parts remain.
func interrupted(ctx context.Context, err error) error {
	done := ctx.Err()
	switch {
	case done == nil:
		return err
	case errors.Is(err, done):
		return done
	}
	return fmt.Errorf("%w: %w", done, err)
}

func (u *Uploader) send(ctx context.Context, file File, object *Object) error {
	if err := u.check(file.Key); err != nil {
		return err
	}
	content, err := open(file.Path)
	if err != nil {
		return err
	}
	defer content.Close()
	if object.ContentType, err = content.contentType(); err != nil {
		return err
	}
	object.Size = content.size()
	u.building.Do(func() { u.client = u.newClient() })
	checked := &checkedS3{S3APIClient: u.client, file: content, atAWS: u.Endpoint == ""}
	response, err := u.transfers(checked).UploadObject(ctx, &transfermanager.UploadObjectInput{
		Bucket:        aws.String(u.Bucket),
		Key:           aws.String(file.Key),
		Body:          content,
		ContentLength: aws.Int64(object.Size),
		ContentType:   aws.String(object.ContentType),
	})
	if err == nil {
		err = checked.incomplete
	}
	if err != nil {
		return err
	}
	object.ETag, object.VersionID = aws.ToString(response.ETag), aws.ToString(response.VersionID)
	if checked.unconfirmed.Load() {
		return u.checkSize(ctx, file.Key, object)
	}
	return nil
}

// check applies Plan's rules to a File that did not come from Plan.
func (u *Uploader) check(key string) error {
	if u.Bucket == "" {
		return errors.New("there is no bucket")
	}
	name, under := strings.CutPrefix(key, u.Prefix)
	if !under {
		return fmt.Errorf("the key is not under the prefix %q", u.Prefix)
	}
	_, err := Key(u.Prefix, name)
	return err
}
