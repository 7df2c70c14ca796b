package sandbox_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/daypass/daypass/pkg/sandbox"
)

// A test points its AWS clients at the sandbox and signs alice in without a page.
func Example() {
	box, err := sandbox.Start()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer box.Close()
	box.IdP.Set(func(k *sandbox.Knobs) { k.AutoSignIn = "alice" })
	for _, entry := range box.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		fmt.Println(name)
	}
	_, status, err := sandbox.Browse(context.Background(), nil, box.IdP.URL()+"/authorize?client_id=unknown")
	fmt.Println(status, err)
	// Output:
	// AWS_ENDPOINT_URL_STS
	// AWS_ENDPOINT_URL_S3
	// AWS_ENDPOINT_URL_COGNITO_IDENTITY
	// 400 <nil>
}
