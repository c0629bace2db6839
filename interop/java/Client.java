// A Java service's client: grpc-java with generated stubs. Java 17, grpc-java 1.41.

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.Any;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.rapport.v1.BriefingServiceGrpc;
import com.rapport.v1.GetBriefingRequest;
import com.rapport.v1.IngestInteractionsResponse;
import com.rapport.v1.InteractionServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

public final class Client {
    private static final int CALL_SECONDS = 20;
    private static final int HELD_MS = 300;

    private final JsonObject given;
    private final ManagedChannel channel;

    private interface Check {
        void run() throws Exception;
    }

    private Client(JsonObject given) {
        this.given = given;
        // As a service would: the published config is the channel's default.
        Map<String, ?> config = new Gson().fromJson(given.get("service_config").getAsString(), Map.class);
        channel = ManagedChannelBuilder.forTarget(given.get("address").getAsString())
                .usePlaintext().defaultServiceConfig(config).enableRetry().build();
    }

    public static void main(String[] arguments) throws Exception {
        JsonObject given = JsonParser.parseString(Files.readString(Path.of(arguments[0]))).getAsJsonObject();
        Client client = new Client(given);
        check("gets what rapport brief prints", client::sameAsPrinted);
        check("sees the reason and the field of a fault", client::reasonAndField);
        check("a deadline that has passed ends the call", client::passedDeadline);
        check("a stream that is held open ends at its deadline", client::heldStream);
        client.channel.shutdownNow().awaitTermination(CALL_SECONDS, TimeUnit.SECONDS);
    }

    private void sameAsPrinted() throws Exception {
        JsonElement answer = JsonParser.parseString(JsonFormat.printer().print(
                stub(CALL_SECONDS, TimeUnit.SECONDS).getBriefing(request(given.getAsJsonObject("request")))));
        expect(given.get("brief"), answer);
    }

    private void reasonAndField() throws Exception {
        JsonObject fault = given.getAsJsonObject("fault");
        GetBriefingRequest request = request(fault.getAsJsonObject("request"));
        StatusRuntimeException error = refused(fault.get("code").getAsString(),
                () -> stub(CALL_SECONDS, TimeUnit.SECONDS).getBriefing(request));
        String reason = null;
        String field = null;
        for (Any detail : StatusProto.fromThrowable(error).getDetailsList()) {
            if (detail.is(ErrorInfo.class)) {
                reason = detail.unpack(ErrorInfo.class).getReason();
            } else if (detail.is(BadRequest.class)) {
                field = detail.unpack(BadRequest.class).getFieldViolations(0).getField();
            }
        }
        expect(fault.get("reason").getAsString(), reason);
        expect(fault.get("field").getAsString(), field);
    }

    private void passedDeadline() throws Exception {
        GetBriefingRequest request = request(given.getAsJsonObject("request"));
        refused("DEADLINE_EXCEEDED", () -> stub(-1, TimeUnit.MILLISECONDS).getBriefing(request));
    }

    private void heldStream() throws Exception {
        CompletableFuture<Status> ended = new CompletableFuture<>();
        StreamObserver<IngestInteractionsResponse> answers = new StreamObserver<>() {
            @Override
            public void onNext(IngestInteractionsResponse answer) {}

            @Override
            public void onError(Throwable fault) {
                ended.complete(Status.fromThrowable(fault));
            }

            @Override
            public void onCompleted() {
                ended.complete(Status.OK);
            }
        };
        InteractionServiceGrpc.newStub(channel).withDeadlineAfter(HELD_MS, TimeUnit.MILLISECONDS)
                .ingestInteractions(answers);
        expect(Status.Code.DEADLINE_EXCEEDED, ended.get(CALL_SECONDS, TimeUnit.SECONDS).getCode());
    }

    private BriefingServiceGrpc.BriefingServiceBlockingStub stub(long after, TimeUnit unit) {
        return BriefingServiceGrpc.newBlockingStub(channel).withDeadlineAfter(after, unit);
    }

    private static GetBriefingRequest request(JsonObject json) throws Exception {
        GetBriefingRequest.Builder request = GetBriefingRequest.newBuilder();
        JsonFormat.parser().merge(json.toString(), request);
        return request.build();
    }

    private static StatusRuntimeException refused(String code, Runnable call) {
        try {
            call.run();
        } catch (StatusRuntimeException error) {
            expect(code, error.getStatus().getCode().name());
            return error;
        }
        throw new AssertionError("accepted");
    }

    private static void expect(Object expected, Object found) {
        if (!expected.equals(found)) {
            throw new AssertionError("expected " + expected + ", found " + found);
        }
    }

    private static void check(String name, Check check) {
        try {
            check.run();
            System.out.println("ok      " + name);
        } catch (Throwable fault) {
            System.out.println("FAILED  " + name);
            fault.printStackTrace(System.out);
        }
    }
}
