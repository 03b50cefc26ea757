// 0.5x, 1x, 2x, 4x.
import { type Playback, SPEEDS } from "./playback";
import { usePlayback } from "./usePlayback";

export function SpeedChoice({ playback }: { playback: Playback }) {
  const chosen = usePlayback(playback, (state) => state.speed);
  return (
    <fieldset className="choice" data-testid="speeds">
      <legend className="unseen">Speed</legend>
      {SPEEDS.map((speed) => (
        <label key={speed}>
          <input
            type="radio"
            name="speed"
            value={speed}
            checked={speed === chosen}
            onChange={() => {
              playback.setSpeed(speed);
            }}
          />
          <span>{speed}x</span>
        </label>
      ))}
    </fieldset>
  );
}
