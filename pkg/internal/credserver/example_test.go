package credserver_test

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/internal/credserver"
	"github.com/daypass/daypass/pkg/secret"
)

type source struct{}

func (source) Credential(context.Context) (credential.Credential, error) {
	return credential.Credential{
		AccessKeyID: "ASIAEXAMPLE", SecretAccessKey: secret.New("wJalrEXAMPLE"), SessionToken: secret.New("IQoJEXAMPLE=="),
		Issued: time.Now(), Expiration: time.Now().Add(time.Hour),
	}, nil
}

// An SDK reads the URL and the token from AWS_CONTAINER_CREDENTIALS_FULL_URI and AWS_CONTAINER_AUTHORIZATION_TOKEN.
func Example() {
	server, err := credserver.Listen(0)
	if err != nil {
		panic(err)
	}
	server.Source = source{}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- server.Serve(ctx) }()

	request, err := http.NewRequest(http.MethodGet, server.URL(), nil)
	if err != nil {
		panic(err)
	}
	request.Header.Set("Authorization", server.Token().Reveal())
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		panic(err)
	}
	answer.Body.Close()
	fmt.Println(answer.Status)

	stop()
	fmt.Println(<-ended)
	// Output:
	// 200 OK
	// <nil>
}
